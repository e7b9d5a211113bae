"""The runner: does what is not recorded yet, on all cores, and can be killed at any moment."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import filelock
import joblib
import numba
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from adambook.arguments import checked
from adambook.experiments import checkpoints, experiment
from adambook.experiments.cluster import spread
from adambook.experiments.files import delete, write_whole
from adambook.experiments.provenance import environment
from adambook.experiments.results import Results
from adambook.experiments.units import configuration, identity

Place = str | os.PathLike[str] | None

SIZES = ("smoke", "cpu", "paper")


def execute(
    name: str, unit: Any, checkpoint: Path, runner: int = 0
) -> tuple[Any, list[dict[str, Any]], dict[str, Any]]:
    """Train one unit to its end, from its checkpoint if there is one.

    One thread a unit, so that the rows do not depend on how many run side by side. A child of the
    process `runner` ends after the epoch in which that one was killed.

    Returns
    -------
    unit, rows, origin : tuple
        The unit, its rows, and where they are from: configuration, data, seconds, environment.

    >>> execute("fig9", None, Path("nowhere"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: there is no experiment 'fig9'; there are fig1-mnist, fig1-mnist-fit...
    """
    start, here = time.perf_counter(), environment()
    is_child = os.getppid() == runner
    with _one_thread():
        training, rows, before = _taken_up(name, unit, checkpoint)
        clock, commits = before.clock, before.commits
        for _ in range(len(rows) // unit.rows_an_epoch, unit.epochs):
            begun = time.perf_counter()
            rows += training.epoch()
            clock = np.append(clock, time.perf_counter() - begun)
            commits = list(dict.fromkeys([*commits, here["commit"]]))
            spent = Spent(before.seconds + time.perf_counter() - start, clock, commits)
            state = {**training.arrays(), **spent._asdict()}
            checkpoints.save(checkpoint, identity(unit), training.checksum, state, rows)
            done = len(rows) // unit.rows_an_epoch
            write_whole(_epochs_file(checkpoint), str(done).encode())
            if is_child and os.getppid() != runner:
                os._exit(1)  # nobody takes the rows, and another runner may be at this unit
    origin = {
        "configuration": configuration(unit),
        "data": {"name": training.title, "checksum": training.checksum},
        "seconds": round(before.seconds + time.perf_counter() - start, 1),
        "seconds_an_epoch": round(float(np.median(clock)), 3),
        "environment": {**here, "commit": ", ".join(commits)},
    }
    return unit, rows, origin


class Spent(NamedTuple):
    """What a unit took so far: seconds in all and for each epoch, and the commits that ran."""

    seconds: float
    clock: NDArray[np.float64]
    commits: list[str]


def _taken_up(name: str, unit: Any, checkpoint: Path) -> tuple[Any, list[dict[str, Any]], Spent]:
    """Return a unit's training, its rows and what it took, where its checkpoint left it.

    Without one that fits the unit, the data and this version of the code, it is at its start.
    """
    training = experiment(name).begin(unit)
    if saved := checkpoints.load(checkpoint, identity(unit), training.checksum):
        arrays, rows = saved
        try:
            seconds, clock, commits = (arrays.pop(field) for field in Spent._fields)
            training.restore(arrays)
            done = len(rows) / unit.rows_an_epoch
            if _kinds(training.arrays()) == _kinds(arrays) and done == len(clock) <= unit.epochs:
                return training, rows, Spent(float(seconds), clock, [str(c) for c in commits])
        except (LookupError, AttributeError, TypeError, ValueError, ArithmeticError, RuntimeError):
            pass  # what others' arrays may raise
        training = experiment(name).begin(unit)
    return training, [], Spent(0.0, np.zeros(0), [])


def _kinds(arrays: dict[str, Any]) -> dict[str, Any]:
    """Return each array's shape and type: what a training does not give back, it did not write."""
    return {name: (np.shape(array), np.asarray(array).dtype) for name, array in arrays.items()}


@contextmanager
def _one_thread() -> Iterator[None]:
    """Hold BLAS, OpenMP and Numba to one thread: several only wait for each other on busy cores."""
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        numba.set_num_threads(before)


def run(
    name: str,
    size: str = "cpu",
    *,
    jobs: int = -1,
    where: Place = None,
    quiet: bool = False,
    dask: str | None = None,
) -> Results:
    """Run what is missing of an experiment and record it.

    Each unit is checkpointed after every epoch and recorded when it ends. Started again after
    any interruption, the same call goes on to the same rows.

    Parameters
    ----------
    name : str
        An experiment's name, of `adambook.experiments.EXPERIMENTS`.
    size : {"smoke", "cpu", "paper"}
        Seconds, on stand-in data if need be; what two cores can do; everything as printed.
    jobs : int
        Processes side by side; -1 for one a core.
    where : path, optional
        The folder of results; default the project's own.
    quiet : bool
        Show no progress.
    dask : str, optional
        The address of a Dask scheduler whose workers do the units, in place of `jobs` processes
        here (`adambook.experiments.cluster`). The rows are the same.

    Returns
    -------
    Results
        The record, complete. The `smoke` size is recorded under NAME-smoke. A stage before, if
        there is one (`units_of`), is run first and recorded under its own name.

    Raises
    ------
    ValueError
        If the name or the size is unknown, a record is damaged, or the cluster is unfit.
    OSError
        If the folder cannot be written, another runner holds it, or no cluster answers.

    >>> run("fig1-mnist", "huge")
    Traceback (most recent call last):
    ...
    ValueError: size must be one of smoke, cpu, paper, got 'huge'
    """
    if size not in SIZES:
        raise ValueError(f"size must be one of {', '.join(SIZES)}, got {size!r}")
    if earlier := stage_before(name):
        run(earlier, size, jobs=jobs, where=where, quiet=quiet, dask=dask)
    units, results = units_of(name, size, where), record_of(name, size, where)
    states = results.folder.absolute() / "checkpoints"  # a worker may stand in another folder
    with _alone(results):
        missing = results.missing(units)
        paths = {identity(unit): states / f"{identity(unit)}.npz" for unit in units}
        own = os.getpid()
        tasks = (
            joblib.delayed(execute)(name, unit, paths[identity(unit)], own) for unit in missing
        )
        with spread(dask), _progress(name, missing, paths, quiet) as reached:
            side_by_side = min(jobs, len(missing) or 1)  # no process without a unit
            parallel = joblib.Parallel(n_jobs=side_by_side, return_as="generator_unordered")
            for unit, rows, origin in parallel(tasks):
                results.record(unit, rows, origin)
                reached[_epochs_file(paths[identity(unit)])] = unit.epochs
                delete(states, f"{identity(unit)}.*")
        if lost := results.missing(units):
            raise OSError(
                f"{results.table} lost {len(lost)} of its {len(units)} units while this ran; "
                "the same command runs them again"
            )
        for leftovers in (f"{unit}.*" for unit in paths):
            delete(states, leftovers)
        for path in (results.table, results.origins):
            delete(results.folder, f"{path.name}.*.part")
    return results


@checked
def record_of(name: str, size: str, where: Place = None) -> Results:
    """Return the record of an experiment; that of the `smoke` size is NAME-smoke.

    >>> record_of("fig1-mnist", "smoke").table.name
    'fig1-mnist-smoke.csv'
    """
    return Results(name + ("-smoke" if size == "smoke" else ""), where)


@checked
def stage_before(name: str) -> str | None:
    """Return the experiment whose rows decide what this one runs, if there is one.

    >>> stage_before("fig1-mnist") is None
    True
    """
    return getattr(experiment(name), "after", None)


@checked
def units_of(name: str, size: str, where: Place = None) -> list[Any]:
    """Return an experiment's units; a later stage's follow from the rows of the one before.

    An experiment with an attribute `after`, the name of another, has `units(size, rows)`, and is
    given the rows that the other's units of that size have recorded.

    Raises
    ------
    ValueError
        If the stage before is not recorded whole.

    >>> len(units_of("fig1-mnist", "smoke"))
    3
    """
    earlier = stage_before(name)
    if earlier is None:
        return list(experiment(name).units(size))
    units, results = units_of(earlier, size, where), record_of(earlier, size, where)
    if results.missing(units):
        raise ValueError(f"{name} needs {earlier}, which is not recorded whole for size {size}")
    rows = results.rows()
    chosen = rows[rows["unit"].isin([identity(unit) for unit in units])]
    return list(experiment(name).units(size, chosen))


def _epochs_file(checkpoint: Path) -> Path:
    """The file that says how many epochs a unit has done, for the progress bar."""
    return checkpoint.with_suffix(".epochs")


@contextmanager
def _alone(results: Results) -> Iterator[None]:
    """Hold the record for one runner; refuse a second, and a folder that cannot be written."""
    lock = results.table.with_suffix(".lock")
    try:
        results.folder.mkdir(parents=True, exist_ok=True)
        held = filelock.FileLock(lock, timeout=0)
        held.acquire()
    except filelock.Timeout:
        raise OSError(f"another runner is recording {results.table}; wait for its end") from None
    except OSError as error:
        raise OSError(
            f"results cannot be written to {results.folder}: {error.strerror}; "
            "name another folder with --results"
        ) from error
    try:
        yield
    finally:
        held.release()  # the empty file stays: deleting it could free another runner's lock


@contextmanager
def _progress(
    name: str, units: list[Any], paths: dict[str, Path], quiet: bool
) -> Iterator[dict[Path, int]]:
    """Show the epochs done by all units, with an estimate of the time left.

    Yields how many each unit has done by its file, which may be deleted when that is known.
    """
    total, stop = sum(unit.epochs for unit in units), threading.Event()
    counters = [_epochs_file(paths[identity(unit)]) for unit in units]
    reached = dict.fromkeys(counters, 0)

    def count() -> int:
        for path in counters:
            try:
                reached[path] = int(path.read_text())
            except (OSError, ValueError):
                pass  # not begun, or not readable: only the bar would know
        return sum(reached.values())

    bar = tqdm(total=total, initial=count(), desc=name, unit="epoch", disable=quiet or not units)

    def watch() -> None:
        while not stop.wait(0.5):
            bar.n = count()
            bar.refresh()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield reached
    finally:
        stop.set()
        watcher.join()
        bar.n = count()
        bar.close()
