"""The command line: `adambook data`, `adambook run`, `adambook bench` and `adambook claims`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from adambook import datasets
from adambook.datasets import registry
from adambook.experiments import EXPERIMENTS

ENDINGS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
STOPPED = (130, *(128 + number for number in ENDINGS))
"""The exit status of a command that was stopped: typer's after Ctrl-C, and ours after a signal."""

AGAIN = {"run": "goes on from here", "data": "fetches what is missing"}
"""What a command does when it is given again after an interruption; the others begin anew."""

app = typer.Typer(
    help="Adam, from first principles: its data and its experiments.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data = typer.Typer(help="The data sets: what is here, fetch what is not.", no_args_is_help=True)
app.add_typer(data, name="data")


@data.command()
def status() -> None:
    """Say of each data set whether it is present and as published."""
    for record in datasets.status():
        typer.echo(f"{record.name:<10} {record.state}")


@data.command()
def fetch(
    names: Annotated[list[str] | None, typer.Argument(help="default: all of them")] = None,
) -> None:
    """Download data sets and check them; what is there already stays."""
    for name in [registry.entry(name).name for name in names or registry.ENTRIES]:
        datasets.fetch(name)
        typer.echo(f"{name} is present and checked")


@data.command()
def where() -> None:
    """Print the folder that data sets are kept in (set ADAMBOOK_DATA to change it)."""
    typer.echo(datasets.folder())


@app.command()
def run(
    name: Annotated[str, typer.Argument(help=", ".join(EXPERIMENTS))],
    size: Annotated[str, typer.Option(help="smoke, cpu or paper")] = "cpu",
    jobs: Annotated[int, typer.Option(help="processes side by side; -1: one a core")] = -1,
    results: Annotated[Path | None, typer.Option(help="folder to record in")] = None,
    dask: Annotated[str | None, typer.Option(help="a Dask scheduler, tcp://HOST:8786")] = None,
) -> None:
    """Run what is missing of an experiment and record it; go on where it was stopped."""
    from adambook.experiments import runner

    done = runner.run(name, size, jobs=jobs, where=results, dask=dask)
    typer.echo(f"{len(done.rows())} rows in {done.table}")


@app.command()
def bench(
    name: Annotated[
        str, typer.Argument(help="steps, training, loops, startup, growth or precision")
    ] = "steps",
    quick: Annotated[bool, typer.Option("--quick", help="seconds, not minutes")] = False,
    rules: Annotated[str | None, typer.Option(help="as in Adam,AdaMax; default: all")] = None,
    sizes: Annotated[str | None, typer.Option(help="as in 1e4,3e7,resnet18; default: all")] = None,
    repeats: Annotated[int | None, typer.Option(help="rounds of every form", min=1)] = None,
    threads: Annotated[int | None, typer.Option(help="default: all cores")] = None,
    record: Annotated[bool, typer.Option("--record", help="write bench-NAME.csv")] = False,
    results: Annotated[Path | None, typer.Option(help="folder to record in")] = None,
    picture: Annotated[Path | None, typer.Option(help="draw the steps into this file")] = None,
) -> None:
    """Measure what a step costs: every rule and form side by side, and the memory's limit."""
    from adambook.benchmarks import suites
    from adambook.experiments.results import folder

    chosen = suites.Choice(
        quick=quick,
        rules=() if rules is None else tuple(rules.split(",")),
        sizes=() if sizes is None else tuple(sizes.split(",")),
        repeats=repeats,
        threads=threads,
    )
    where = results or (folder() if record else None)
    typer.echo(suites.run(name, chosen, where=where, picture=picture))


@app.command()
def claims(
    id: Annotated[str | None, typer.Argument(help="C01 to C86; default: all of them")] = None,
    kind: Annotated[
        str | None, typer.Option(help="definition, theorem, measurement or experiment; these alone")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
) -> None:
    """Judge the paper's claims: one line each, or one claim with all its evidence."""
    from adambook import ledger
    from adambook.ledger import table

    if id is not None and kind:
        raise ValueError(f"kind chooses among all claims: give {id!r} or --kind, not both")
    chosen = [ledger.find(id)] if id is not None else ledger.claims(kind)
    judged = ((claim, claim.judge()) for claim in chosen)
    if json:
        typer.echo(table.as_json([table.entry(*pair) for pair in judged]), nl=False)
        return
    for pair in judged:
        typer.echo(table.report(*pair) if id else table.line(*pair))


def main() -> None:
    """Run the command line; an error is one sentence, not a traceback."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller: `2>&-`
            setattr(sys, name, open(os.devnull, "w"))
    if hasattr(sys.stdout, "reconfigure"):  # a terminal or file of few letters: \u03b2 for β
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with _orderly():
            app()
    except (ValueError, OSError) as error:
        sys.exit(f"adambook: {error}")
    except MemoryError as error:
        sys.exit(f"adambook: there is not enough memory{f': {error}' * bool(str(error))}")
    except BrokenExecutor:
        sys.exit(
            "adambook: a process at work was killed, perhaps for want of memory; the same command "
            f"{_again()}"
        )
    except SystemExit as end:
        if end.code in STOPPED:
            typer.echo(f"adambook: stopped; the same command {_again()}", err=True)
        raise


@contextmanager
def _orderly() -> Iterator[None]:
    """End as after Ctrl-C when asked to, so that no process at work is left behind.

    A signal that is ignored, as `nohup` has it, stays so.
    """

    def stop(number: int, _: Any) -> None:
        sys.exit(128 + number)

    ours = [number for number in ENDINGS if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _again() -> str:
    """Return what the command that was given does when it is given again."""
    return AGAIN.get("".join(sys.argv[1:2]), "begins anew")
