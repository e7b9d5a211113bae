"""The command line: it does what it says, and an error is one sentence."""

import io
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError
from tqdm import tqdm

from adambook import ledger
from adambook.cli import main
from adambook.experiments import EXPERIMENTS
from adambook.ledger import records

COMMAND = [sys.executable, "-c", "from adambook.cli import main; main()"]


def adambook(*words, **environment):
    env = {**os.environ, "ADAMBOOK_OFFLINE": "1", "PYTHONWARNINGS": "ignore", **environment}
    return subprocess.run([*COMMAND, *words], capture_output=True, encoding="utf-8", env=env)


def one_sentence(done):
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    *bar, line = done.stderr.strip().splitlines()  # a progress bar may have been begun
    assert all("%|" in row for row in bar)
    return line


def test_unknown_experiment_lists_those_there_are():
    line = one_sentence(adambook("run", "fig9"))
    assert "'fig9'" in line
    assert "fig1-mnist" in line


def test_unknown_size_lists_those_there_are(tmp_path):
    line = one_sentence(adambook("run", "fig1-mnist", "--size", "huge"))
    assert "smoke, cpu, paper, got 'huge'" in line


def test_results_folder_that_cannot_be_written_is_named(tmp_path):
    file = tmp_path / "file"
    file.write_text("in the way")
    line = one_sentence(adambook("run", "fig1-mnist", "--size", "smoke", "--results", str(file)))
    assert "cannot be written" in line
    assert list(tmp_path.iterdir()) == [file]


def test_recording_needs_the_real_data(tmp_path):
    done = adambook(
        "run", "fig1-mnist", "--results", str(tmp_path), ADAMBOOK_DATA=str(tmp_path / "none")
    )
    assert "adambook data fetch mnist" in one_sentence(done)
    assert not list(tmp_path.glob("*.csv"))


def test_truncated_data_file_is_named(tmp_path):
    folder = tmp_path / "mnist"
    folder.mkdir()
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (folder / f"{name}-ubyte.gz").write_bytes(b"\x1f\x8b")
    done = adambook(
        "run", "fig1-mnist", "--results", str(tmp_path / "r"), ADAMBOOK_DATA=str(tmp_path)
    )
    assert "train-images-idx3-ubyte.gz" in one_sentence(done)


def test_where_prints_the_folder(tmp_path):
    assert adambook("data", "where", ADAMBOOK_DATA=str(tmp_path)).stdout.strip() == str(tmp_path)


def test_unknown_data_set_lists_those_there_are():
    line = one_sentence(adambook("data", "fetch", "svhn"))
    assert "mnist" in line


def test_a_claim_is_printed_with_its_evidence():
    done = adambook("claims", "C20")
    assert done.returncode == 0
    assert done.stdout.startswith("C20 (section 2.1, theorem): FALSE")
    assert "first step that exceeds it, defaults: 210" in done.stdout


def test_a_claim_as_json_is_the_recorded_one():
    import json

    from adambook.ledger import table

    (row,) = json.loads(adambook("claims", "C45", "--json").stdout)
    assert row == next(known for known in table.recorded() if known["id"] == "C45")


def test_unknown_claim_names_those_there_are():
    line = one_sentence(adambook("claims", "C99"))
    assert line == "adambook: there is no claim 'C99'; they run from C01 to C86"


@pytest.mark.parametrize(
    "words",
    [("--help",), ("run", "--help"), ("data", "--help"), ("bench", "--help"), ("claims", "--help")],
)
def test_help_is_shown(words):
    assert adambook(*words).returncode == 0


def test_bench_tells_what_it_measured():
    done = adambook("bench", "--rules", "SGD", "--sizes", "50", "--repeats", "1", "--threads", "1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:3] == ["rule", "size", "tensors"]


@pytest.mark.parametrize(
    "words, said",
    [
        (("speed",), "benchmark must be one of steps, training, loops, startup, growth, precision"),
        (("steps", "--rules", "Adan"), "got 'Adan'"),
        (("steps", "--sizes", "huge"), "got 'huge'"),
    ],
)
def test_a_benchmark_that_cannot_be_run_is_one_sentence(words, said):
    assert said in one_sentence(adambook("bench", *words))


def here(monkeypatch, capsys, *words):
    """Run the command line in this process; return its exit code and what it said of errors."""
    monkeypatch.setattr(sys, "argv", ["adambook", *words])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr().err
    return (1, end.value.code) if isinstance(end.value.code, str) else (end.value.code, said)


@pytest.mark.parametrize(
    "words, named",
    [
        (["run"], "{name}"),
        (["run", "fig1-mnist", "--jobs", "many"], "--jobs"),
        (["run", "fig1-mnist", "--jobs", "0", "--size", "smoke"], "jobs"),
        (["run", "fig1-mnist", "--speed", "3"], "--speed"),
        (["run", "fig1-mnist", "--dask", "nowhere", "--size", "smoke"], "'nowhere'"),
        (["run", "../../etc/passwd"], "'../../etc/passwd'"),
        (["data", "fetch", "mnist", "svhn"], "'svhn'"),
        (["data", "status", "extra"], "extra"),
        (["data", "drop"], "drop"),
        (["claims", "c1"], "'c1'"),
        (["claims", "C01", "C02"], "C02"),
        (["claims", ""], "''"),
        (["claims", "--json", "--xml"], "--xml"),
        (["bench", "steps", "--repeats", "0"], "--repeats"),
        (["bench", "steps", "--threads", "0", "--rules", "SGD", "--sizes", "50"], "threads"),
        (["bench", "steps", "--sizes", "-5"], "'-5'"),
        (["bench", "steps", "--sizes", "nan"], "'nan'"),
        (["fit"], "fit"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_by_name(
    words, named, monkeypatch, capsys, tmp_path
):
    monkeypatch.setenv("ADAMBOOK_RESULTS", str(tmp_path))
    monkeypatch.setenv("ADAMBOOK_DATA", str(tmp_path / "none"))
    monkeypatch.setenv("ADAMBOOK_OFFLINE", "1")
    code, said = here(monkeypatch, capsys, *words)
    assert code and named in said and "Traceback" not in said


@pytest.mark.parametrize(
    "words, named",
    [
        (["bench", "--rules", ","], "rules must be among SGD, Momentum, "),
        (["bench", "--rules", ""], "rules must be among SGD, Momentum, "),
        (["bench", "--rules", "Adam,"], "got ''"),
        (["bench", "--sizes", ","], "a whole number such as 1e6, or resnet18 or resnet50, got ''"),
        (["bench", "training", "--rules", "Adam"], "of steps only, and training was asked for"),
        (["bench", "loops", "--sizes", "1e4"], "of steps only, and loops was asked for"),
    ],
)
def test_a_choice_of_rules_or_sizes_that_names_none_does_not_mean_all(
    words, named, monkeypatch, capsys
):
    for part in ("steps._rows", "training.measure", "loops.measure"):
        monkeypatch.setattr(f"adambook.benchmarks.{part}", lambda *_, **__: pytest.fail("it began"))
    code, said = here(monkeypatch, capsys, *words)
    assert code and named in said


@pytest.fixture
def own_records(monkeypatch, tmp_path):
    """A folder of results of its own, which nothing read before."""
    monkeypatch.setenv("ADAMBOOK_RESULTS", str(tmp_path))
    records._recorded.cache_clear()
    yield tmp_path
    records._recorded.cache_clear()


READ_RUNS = ["C06", "C15", "C47", "C62", "C65", "C66", "C70", "C71", "C72", "C74", "C77", "C84"]


@pytest.mark.parametrize("id", READ_RUNS)
def test_a_table_without_the_columns_of_its_experiment_is_named_with_the_first_it_lacks(
    id, own_records, monkeypatch, capsys
):
    for name in EXPERIMENTS:
        (own_records / f"{name}.csv").write_text("unit,epoch\na,0\n")
    code, said = here(monkeypatch, capsys, "claims", id)
    assert code and said.startswith(f"adambook: {own_records}{os.sep}")
    assert ".csv has no column '" in said and "\n" not in said


def test_a_benchmark_without_a_column_is_named_with_it(own_records, monkeypatch, capsys):
    (own_records / "bench-steps.csv").write_text("rule,size,form,threads\nAdam,1e4,one pass,2\n")
    code, said = here(monkeypatch, capsys, "claims", "C02")
    table = own_records / "bench-steps.csv"
    assert code and said == f"adambook: {table} has no column 'median_ms', which the ledger reads"


def test_words_in_a_column_of_numbers_are_named(own_records, monkeypatch, capsys):
    rows = "unit,epoch,seed,share_small\na,0,one,0.5\n"
    (own_records / "ledger-sparsity.csv").write_text(rows)
    with pytest.raises(ValueError, match="column 'seed' of .*csv must hold numbers, got 'one'"):
        ledger.Records().rows("ledger-sparsity")


def ends(monkeypatch, error):
    """Have the work of `run` and of `bench` end with an error."""

    def ended(*_, **__):
        raise error

    monkeypatch.setattr("adambook.experiments.runner.run", ended)
    monkeypatch.setattr("adambook.benchmarks.suites.run", ended)
    monkeypatch.setattr("adambook.datasets.fetch", ended)


AGAIN = {
    ("run", "fig1-mnist"): "the same command goes on from here",
    ("bench", "steps"): "the same command begins anew",
    ("data", "fetch", "mnist"): "the same command fetches what is missing",
}


@pytest.mark.parametrize("words", AGAIN, ids=" ".join)
def test_ctrl_c_ends_with_one_sentence_that_says_what_the_command_does_next(
    words, monkeypatch, capsys
):
    ends(monkeypatch, KeyboardInterrupt())
    code, said = here(monkeypatch, capsys, *words)
    assert code == 130 and said.splitlines()[-1] == f"adambook: stopped; {AGAIN[words]}"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("name, code", [("SIGTERM", 143), ("SIGHUP", 129)])
def test_asked_to_end_a_command_ends_in_order_and_says_what_it_does_next(
    name, code, monkeypatch, capsys
):
    number, tidied = getattr(signal, name), []

    def asked(*_, **__):
        try:
            signal.raise_signal(number)
        finally:
            tidied.append(True)

    monkeypatch.setattr("adambook.experiments.runner.run", asked)
    before = signal.signal(number, signal.SIG_DFL)
    try:
        ended, said = here(monkeypatch, capsys, "run", "fig1-mnist")
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)
    assert tidied and ended == code
    assert said == "adambook: stopped; the same command goes on from here\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_a_signal_that_is_ignored_as_under_nohup_stays_ignored(monkeypatch, capsys):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    monkeypatch.setattr(
        "adambook.datasets.folder", lambda: signal.raise_signal(signal.SIGHUP) or "here"
    )
    try:
        assert here(monkeypatch, capsys, "data", "where")[0] == 0
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_where_its_output_or_its_errors_go_nowhere_a_command_does_its_work(closed, monkeypatch):
    """As after `2>&-`, where a progress bar would have nothing to write on."""
    done = []

    def work(*_, **__):
        with tqdm(total=1, disable=False):
            done.append("work")
        return SimpleNamespace(rows=list, table="table")

    monkeypatch.setattr("adambook.experiments.runner.run", work)
    monkeypatch.setattr(sys, closed, None)
    monkeypatch.setattr(sys, "argv", ["adambook", "run", "fig1-mnist"])
    with pytest.raises(SystemExit) as end:
        main()
    getattr(sys, closed).close()  # what was opened in its place
    assert done and not end.value.code


def test_where_letters_cannot_be_written_they_are_escaped(monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", narrow)
    monkeypatch.setattr(sys, "argv", ["adambook", "data", "where"])
    monkeypatch.setattr("adambook.datasets.folder", lambda: "\u03b2")
    with pytest.raises(SystemExit) as end:
        main()
    narrow.flush()
    assert end.value.code == 0 and narrow.buffer.getvalue() == b"\\u03b2\n"


@pytest.mark.parametrize("words", AGAIN, ids=" ".join)
def test_a_worker_that_was_killed_is_one_sentence(words, monkeypatch, capsys):
    ends(monkeypatch, TerminatedWorkerError("SIGKILL(-9)"))
    code, said = here(monkeypatch, capsys, *words)
    assert code and said == (
        f"adambook: a process at work was killed, perhaps for want of memory; {AGAIN[words]}"
    )


@pytest.mark.parametrize(
    "error, said",
    [
        (MemoryError(), "adambook: there is not enough memory"),
        (MemoryError("no 3 PiB"), "adambook: there is not enough memory: no 3 PiB"),
    ],
)
def test_want_of_memory_is_one_sentence(error, said, monkeypatch, capsys):
    ends(monkeypatch, error)
    assert here(monkeypatch, capsys, "bench") == (1, said)


def test_a_claim_and_a_kind_are_not_both_taken(monkeypatch, capsys):
    for kind in ("nonsense", "theorem"):
        code, said = here(monkeypatch, capsys, "claims", "C03", "--kind", kind)
        assert code and said == (
            "adambook: kind chooses among all claims: give 'C03' or --kind, not both"
        )


def test_a_reader_that_closes_its_end_gets_no_traceback():
    for words in (["data", "where"], ["run", "--help"]):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [*COMMAND, *words], stdout=writing, stderr=subprocess.PIPE, encoding="utf-8"
        )
        os.close(writing)
        assert done.returncode and done.stderr == ""
