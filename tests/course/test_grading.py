"""References get all points, untouched versions none, and a damaged file stops no batch."""

import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor

import pytest
from course import feedback, grade, marking, notebook, student
from course.limits import Limits
from course.sandbox import Sandbox, Stopped

MASTERS = notebook.masters()
ADAM = "02_adam_and_adamax"


def stored(name):
    return json.loads(MASTERS[name].read_text("utf-8"))


def by_id(content, name):
    cells = [
        c for c in content["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name
    ]
    return cells[0]


def hand_in(folder, **notebooks):
    for who, content in notebooks.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / os.fsdecode(f"{who}.ipynb".encode())).write_text(text, "utf-8")


def run(folder, *options):
    assert grade.main([str(folder), *options]) == 0
    return {row["student"]: row for row in rows(folder / "grades.csv")}


def rows(path):
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", MASTERS)
def test_a_master_is_whole(name):
    assert notebook.faults(notebook.read(MASTERS[name])) == []


@pytest.fixture(scope="module")
def batches(tmp_path_factory):
    """For each assignment, the reference and the untouched student version, graded together."""
    known = {}

    def graded(name):
        if name not in known:
            folder = tmp_path_factory.mktemp(name)
            untouched = student.student_version(stored(name), seed=3)
            hand_in(folder, reference=stored(name), untouched=untouched)
            run(folder, "--assignment", name)
            known[name] = folder
        return known[name]

    return graded


@pytest.mark.parametrize("name", MASTERS)
def test_the_reference_gets_100_of_100(batches, name):
    folder = batches(name)
    (row,) = (row for row in rows(folder / "grades.csv") if row["student"] == "reference")
    assert row["automatic"] == row["automatic_maximum"]
    assert float(row["automatic_maximum"]) + float(row["by_hand_maximum"]) == 100
    assert row["notes"] == ""


@pytest.mark.parametrize("name", MASTERS)
def test_the_untouched_version_gets_nothing(batches, name):
    folder = batches(name)
    (row,) = (row for row in rows(folder / "grades.csv") if row["student"] == "untouched")
    assert (row["automatic"], row["seed"], row["notes"]) == ("0", "3", "")
    page = (folder / "feedback" / f"untouched-{name}.html").read_text("utf-8")
    assert "This part has not been answered yet." in page


@pytest.mark.parametrize("name", MASTERS)
def test_a_student_version_shows_no_solution_and_no_hidden_test(name):
    version = json.dumps(student.student_version(stored(name)))
    for secret in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "adambook.course", "course."):
        assert secret not in version.replace('"course"', "")
    hidden = [c.source for c in notebook.read(MASTERS[name]).cells if c.is_answer]
    for source in hidden:
        solution = notebook.SOLUTION.search(source)["body"].strip().splitlines()[-1]
        assert json.dumps(solution)[1:-1] not in version


@pytest.mark.parametrize("name", MASTERS)
def test_a_student_version_does_not_describe_the_figure_that_an_answer_draws(name):
    def described(content, solution):
        return {
            cell["metadata"]["nbgrader"]["grade_id"]: cell["metadata"]["mystnb"]["image"]["alt"]
            for cell in content["cells"]
            if "mystnb" in cell["metadata"] and cell["metadata"]["nbgrader"]["solution"] is solution
        }

    version = student.student_version(stored(name))
    assert described(version, solution=True) == {}
    assert described(version, solution=False) == described(stored(name), solution=False)


@pytest.mark.parametrize("name", MASTERS)
def test_a_student_version_runs_up_to_its_first_gap(name):
    version = notebook.parsed(name, student.student_version(stored(name), seed=5))
    assert student.first_gap(version, Limits.of(version))


@pytest.mark.parametrize("name", MASTERS)
def test_the_reference_passes_in_another_variant(tmp_path, name):
    content = stored(name)
    content["metadata"]["course"]["seed"] = 12
    hand_in(tmp_path, reference=content)
    row = run(tmp_path, "--workers", "1")["reference"]
    assert (row["automatic"], row["seed"]) == (row["automatic_maximum"], "12")


def test_a_damaged_notebook_is_graded_as_such_and_the_batch_goes_on(tmp_path):
    loud, altered, short, twice = (stored(ADAM) for _ in range(4))
    by_id(loud, "a2-adamax-step")["source"] += '\n\n\nprint("x" * 10**8)\n'
    by_id(altered, "a2-adam-moments")["source"] = "assert True  # all is well\n"
    by_id(altered, "a2-adam-step")["source"] = "def adam_step(**given):\n    return 0.0\n"
    short = without(short, "a2-setup", "a2-adam-moments", "a2-adamax-step")
    twice["cells"] += [by_id(twice, "a2-adamax-step")]
    hand_in(
        tmp_path,
        altered=altered,
        broken='{"cells": [',
        good=stored(ADAM),
        list="[1, 2]",
        loud=loud,
        short=short,
        twice=twice,
    )
    got = run(tmp_path, "--assignment", ADAM)
    points = {who: float(row["automatic"]) for who, row in got.items()}
    assert points == {
        "altered": 20,  # AdaMax is right
        "broken": 0,
        "good": 90,
        "list": 0,
        "loud": 70,
        "short": 70,
        "twice": 90,
    }
    assert "The given cell a2-adam-moments was changed" in got["altered"]["notes"]
    assert "The file is no notebook" in got["broken"]["notes"]
    assert got["good"]["notes"] == ""
    assert "no list of cells" in got["list"]["notes"]
    assert "prints without end" in got["loud"]["notes"]
    assert "The cell a2-adamax-step is missing." in got["short"]["notes"]
    assert "a2-adamax-step is there twice" in got["twice"]["notes"]
    assert len(list((tmp_path / "feedback").glob("*.html"))) == 7


def without(content, *names):
    kept = [
        cell
        for cell in content["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") not in names
    ]
    return content | {"cells": kept}


@pytest.mark.parametrize("name", MASTERS)
def test_a_missing_cell_is_put_back_where_it_was(name):
    master = notebook.read(MASTERS[name])
    order = [cell.grade_id for cell in master.cells if cell.grade_id]
    answers = {cell.grade_id for cell in master.cells if cell.is_answer}
    for lost in order:
        submission = notebook.parsed("ada", without(stored(name), lost))
        cells = marking._Marking("ada", master, submission, None, Limits()).cells
        kept = [each for each in order if each != lost or each not in answers]
        assert [cell.grade_id for cell in cells if cell.grade_id] == kept


def test_a_given_cell_that_is_deleted_costs_nothing(tmp_path):
    lost = "a2-adam-example"
    hand_in(tmp_path, ada=without(stored(ADAM), lost))
    row = run(tmp_path, "--workers", "1")["ada"]
    assert (row["automatic"], row["notes"]) == ("90", f"The cell {lost} is missing.")


def test_code_in_cells_that_have_lost_their_names_runs_before_the_tests(tmp_path):
    content = stored(ADAM)
    content["cells"] = [{**cell, "metadata": {}} for cell in content["cells"]]
    hand_in(tmp_path, ada=content)
    row = run(tmp_path, "--workers", "1", "--assignment", ADAM)["ada"]
    assert row["automatic"] == "90"


def blank(**course):
    """A notebook without cells, whose metadata say this about the course."""
    return {"cells": [], "metadata": {"course": {"assignment": ADAM, **course}}}


def cell(kind, source, **nbgrader):
    return {"cell_type": kind, "source": source, "metadata": {"nbgrader": nbgrader}}


ODD = {
    "an assignment that is a list": blank(assignment=[]),
    "points beyond all floats": blank() | {"cells": [cell("code", "", points=10**400)]},
    "half a character in an error": blank()
    | {"cells": [cell("code", "raise ValueError('\\ud800')")]},
    "half a character in an answer": blank()
    | {"cells": [cell("markdown", "\ud83d", grade_id="a2-written", grade=True, solution=True)]},
    "half a character in code": blank()
    | {"cells": [cell("code", "'\ud83d'", grade_id="a2-adam-step")]},
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_an_odd_notebook_is_graded_and_the_batch_goes_on(tmp_path, without_tests, content):
    hand_in(tmp_path, ada="{", odd=content, zoe="{")
    got = run(tmp_path, "--assignment", ADAM, "--workers", "1")
    assert [(who, row["automatic"]) for who, row in got.items()] == [
        ("ada", "0"),
        ("odd", "0"),
        ("zoe", "0"),
    ]
    assert len(list((tmp_path / "feedback").glob("*.html"))) == 3
    assert len(grade.submissions(tmp_path, None)) == 3


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_notebook_is_read_in_the_encoding_that_an_editor_saved_it_in(tmp_path, encoding):
    path = tmp_path / "ada.ipynb"
    text = json.dumps(stored(ADAM), ensure_ascii=False, indent=1).replace("\n", "\r\n")
    path.write_bytes(text.encode(encoding))
    assert notebook.read(path).cells == notebook.read(MASTERS[ADAM]).cells


@pytest.fixture
def without_tests(monkeypatch):
    """Grading whose tests give nothing and start no process, so that it is fast."""

    def nothing(self, cell):
        part = self.part_of[cell.grade_id]
        self.result.marks.append(marking.Mark(cell.grade_id, part, cell.points, 0.0))

    monkeypatch.setattr(marking._Marking, "_test", nothing)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [(b"M\xfcller", r"M\xfcller"), (b"e" * 245, "e" * 245), ("ü".encode() * 120, "ü" * 120)],
    ids=["no UTF-8", "long", "long in UTF-8"],
)
def test_a_student_of_any_name_gets_a_row_a_page_and_marks_by_hand(tmp_path, raw, shown):
    try:
        (tmp_path / os.fsdecode(raw + b".ipynb")).write_text("{", "utf-8")
    except OSError:
        pytest.skip("this system knows no file of such a name")
    hand_in(tmp_path, ada="{")
    options = "--assignment", ADAM, "--workers", "2"
    assert set(run(tmp_path, *options)) == {"ada", shown}
    marks = tmp_path / "marks.csv"
    text = marks.read_text("utf-8").replace(f"{shown},{ADAM},a2-written,10,,", "")
    marks.write_text(text + f"{shown},{ADAM},a2-written,10,7,", "utf-8")
    assert run(tmp_path, *options)[shown]["by_hand"] == "7"
    assert len(list((tmp_path / "feedback").glob("*.html"))) == 2


def test_two_names_that_are_long_or_hold_folders_have_pages_of_their_own():
    pages = {grade.page_name(f"{'e' * 240}{who}", ADAM) for who in "ab"}
    assert len(pages) == 2
    assert max(len(page.encode()) for page in pages) < 200
    assert grade.page_name("ada (ada/a-b.ipynb)", "") != grade.page_name("ada (ada/a/b.ipynb)", "")
    assert grade.page_name("ada", ADAM) == f"ada-{ADAM}.html"


def test_a_screen_that_lacks_a_character_stops_nothing(tmp_path):
    hand_in(tmp_path, Jürgen="{")
    command = [sys.executable, "-m", "course.grade", str(tmp_path), "--assignment", ADAM]
    paths = [str(notebook.ROOT / "tools"), *sys.path]
    shown = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=shown, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert r"J\xfcrgen" in done.stdout


class Lethal:
    """A path that ends the process which unpacks it, as often as there are files in a folder."""

    def __init__(self, path, lives):
        self.path, self.lives = path, lives

    def __reduce__(self):
        return _unpacked, (str(self.path), str(self.lives))


def _unpacked(path, lives):
    for life in pathlib.Path(lives).iterdir():
        life.unlink()
        os._exit(9)
    return pathlib.Path(path)


@pytest.mark.parametrize(("lives", "said"), [(1, "is no notebook"), (2, "process was killed")])
def test_a_grading_process_that_is_killed_costs_no_other_submission(tmp_path, lives, said):
    hand_in(tmp_path, ada="{", bob="{", cyd="{")
    folder = tmp_path / "lives"
    folder.mkdir()
    for number in range(lives):
        (folder / str(number)).touch()
    found = grade.submissions(tmp_path, ADAM)
    found[1] = dataclasses.replace(found[1], path=Lethal(found[1].path, folder))
    reports = grade.grade_all(found, seed=None, seconds=None, workers=2)
    assert [report.student for report in reports] == ["ada", "bob", "cyd"]
    assert said in reports[1].notes[0]
    assert all("is no notebook" in reports[other].notes[0] for other in (0, 2))


def test_a_large_stored_output_costs_nothing(tmp_path):
    content = stored(ADAM)
    by_id(content, "a2-setup")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "x" * 10**8}
    ]
    hand_in(tmp_path, large=content)
    assert run(tmp_path, "--workers", "1")["large"]["automatic"] == "90"


def test_a_submission_that_leaves_python_loses_its_part_alone(tmp_path):
    content = stored(ADAM)
    by_id(content, "a2-adamax-step")["source"] = "import os\n\nos._exit(0)\n"
    hand_in(tmp_path, gone=content)
    row = run(tmp_path, "--workers", "1")["gone"]
    assert row["automatic"] == "70"
    assert "its process ended" in row["notes"]


def test_a_submission_that_takes_all_memory_loses_its_part_alone(tmp_path):
    content = stored(ADAM)
    by_id(content, "a2-adamax-step")["source"] = "hoard = np.ones(10**10)\n"
    hand_in(tmp_path, greedy=content)
    row = run(tmp_path, "--workers", "1")["greedy"]
    assert row["automatic"] == "70"
    assert "MemoryError" in row["notes"]


def added(content, name, text):
    cell = by_id(content, name)
    cell["source"] = "".join(cell["source"]) + text


def test_what_is_lost_in_one_part_is_not_charged_to_a_later_one(tmp_path):
    refused, loud = stored(ADAM), stored(ADAM)
    added(refused, "a2-adam-step", "\ntry:\n    open('../x', 'w')\nexcept OSError:\n    pass\n")
    gone = "import os\n\n\ndef adamax_step(**given):\n    os._exit(0)\n"
    by_id(refused, "a2-adamax-step")["source"] = gone
    added(loud, "a2-adam-step", "\nprint('x' * 1_000_001)\n")
    added(loud, "a2-adamax-step", "\nprint('done')\n")
    hand_in(tmp_path, refused=refused, loud=loud)
    got = run(tmp_path, "--workers", "1")
    points = {who: row["automatic"] for who, row in got.items()}
    assert points == {"refused": "30", "loud": "50"}


def test_the_graders_own_work_takes_no_time_from_a_submission():
    with Sandbox(Limits(seconds=2)) as process, process.within_the_limit():
        process.run("def use(f):\n    return f(1)\n", "cell 1")
        use = process.fetch(["use"])["use"]
        time.sleep(2.5)
        assert use(lambda x: time.sleep(2.5) or x) == 1


def test_the_calls_of_one_test_have_one_time_limit_together():
    with Sandbox(Limits(seconds=4)) as process:
        process.run("import time\n\n\ndef slow():\n    time.sleep(1.5)\n", "cell 1")
        with process.within_the_limit(), pytest.raises(Stopped, match="within 4 seconds"):
            slow = process.fetch(["slow"])["slow"]
            for _ in range(3):
                slow()


@pytest.fixture(scope="module")
def sandbox():
    """A process for submissions, after a given cell."""
    with Sandbox(Limits()) as process:
        process.run("import numpy as np\n", "setup", trusted=True)
        yield process


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        ("open('/etc/passwd').read()", "reads a file"),
        (f"open({str(MASTERS[ADAM])!r}).read()", f"reads a file that is not its own ({ADAM}"),
        ("import numpy; open('/proc/self/environ').read()", "reads a file"),
        ("open('../left-behind', 'w')", "changes a file"),
        ("import os; os.remove(np.__file__)", "changes a file"),
        ("open('mine', 'w'); import os; os.rename('mine', '../yours')", "changes a file"),
        ("import os; os.listdir('/')", "reads a file"),
        ("import os; os.system('true')", "starts a program"),
        ("import subprocess; subprocess.run(['true'])", "starts a program"),
        ("import os; os.fork()", "starts a process"),
        ("import os; os.kill(os.getppid(), 9)", "sends signals"),
        ("import socket; socket.socket()", "uses the network"),
        ("import gc; gc.get_objects()", "searches the memory"),
        ("import ctypes; ctypes.string_at(id(0), 1)", "calls the system"),
        ("import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))", "changes its limits"),
        ("import syslog; syslog.syslog('here')", "writes into the machine's log"),
        ("import sys; sys._getframe(1)", "looks at the code that calls it"),
        ("import inspect; inspect.stack()", "looks at the code that calls it"),
        ("import adambook.course", "imports adambook.course"),
    ],
)
def test_what_a_submission_may_not_do_is_refused_and_kept(sandbox, attempt, said):
    sandbox.refused.clear()
    assert "not allowed in a graded run" in sandbox.run(f"{attempt}\n", "cell 1").error
    assert sandbox.refused[0].startswith(said)


@pytest.fixture(scope="module")
def lent(tmp_path_factory):
    """A folder that a submission may read, and a process for submissions that reads there."""
    folder = tmp_path_factory.mktemp("lent")
    (folder / "inner").mkdir()
    (folder / "inner" / "kept").write_text("data", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADAMBOOK_DATA", str(folder))
        with Sandbox(Limits()) as process:
            start = "import os, shutil, sqlite3, threading, time\n"
            process.run(start + "DATA = os.environ['ADAMBOOK_DATA']\n", "setup", trusted=True)
            yield folder, process


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        ("shutil.rmtree(DATA, ignore_errors=True)", "changes a file that is not its own"),
        ("os.open(DATA, os.O_RDONLY)", "opens a folder"),
        ("os.remove('kept', dir_fd=3)", "names a file by its folder's number"),
        ("os.rmdir('inner', dir_fd=3)", "names a file by its folder's number"),
        ("os.mkdir('new', dir_fd=3)", "names a file by its folder's number"),
        ("os.rename('a', 'b', dst_dir_fd=3)", "names a file by its folder's number"),
        ("os.link('a', 'b', src_dir_fd=3)", "names a file by its folder's number"),
        ("os.symlink('a', 'b', dir_fd=3)", "names a file by its folder's number"),
        ("os.chmod('kept', 0, dir_fd=3)", "names a file by its folder's number"),
        ("os.chown('kept', 0, 0, dir_fd=3)", "names a file by its folder's number"),
        ("os.utime('kept', dir_fd=3)", "names a file by its folder's number"),
        ("os.fchmod(open(DATA + '/inner/kept').fileno(), 0)", "changes a file by its number"),
        ("os.chown(open(DATA + '/inner/kept').fileno(), 0, 0)", "changes a file by its number"),
        ("os.utime(open(DATA + '/inner/kept').fileno())", "changes a file by its number"),
        ("os.truncate(open(DATA + '/inner/kept').fileno(), 0)", "changes a file by its number"),
        pytest.param(
            "os.setxattr(DATA + '/inner/kept', 'user.a', b'b')",
            "changes a file that is not its own",
            marks=pytest.mark.skipif(not hasattr(os, "setxattr"), reason="it is Linux's alone"),
        ),
    ],
)
def test_files_that_are_lent_cannot_be_changed_past_their_names(lent, attempt, said):
    folder, process = lent
    process.refused.clear()
    process.run(f"{attempt}\n", "cell 1")
    assert process.refused[0].startswith(said)
    assert (folder / "inner" / "kept").read_text("utf-8") == "data"


@pytest.fixture(scope="module")
def closing():
    """A process for submissions that closes two of the book's packages to their functions."""
    with Sandbox(Limits(), closes=("adambook.rules", "adambook.theory")) as process:
        start = "import numpy as np\n\nfrom adambook import Adam, theory\n"
        process.run(start, "setup", trusted=True)
        yield process


@pytest.mark.parametrize(
    ("kept", "used"),
    [
        ("None", "Adam().init(np.zeros(2))"),
        ("None", "Adam.arithmetic(np)"),
        ("Adam.arithmetic(np)", "kept()"),
        ("[Adam.arithmetic(np)]", "kept[0]()"),
        ("Adam().update", "kept(np.ones(2), None, None)"),
        ("theory.regret", "kept(np.ones(2), np.ones(2))"),
    ],
)
def test_the_books_own_functions_are_closed_under_whatever_name_they_are_kept(closing, kept, used):
    source = f"kept = {kept}\n\n\ndef answer():\n    return {used} is None\n"
    assert closing.run(source, "cell 1").error == ""
    answer = closing.fetch(["answer"])["answer"]
    for _ in range(2):
        with pytest.raises(PermissionError, match="calls the book's own function"):
            answer()
    assert closing.refused == []


def test_the_books_own_functions_are_open_to_cells_again_after_a_call(closing):
    closing.run("step = Adam.arithmetic(np)\n\n\ndef answer():\n    return 1\n", "cell 1")
    assert closing.fetch(["answer"])["answer"]() == 1
    use = "rule = Adam()\nrule.update(np.ones(2), rule.init(np.ones(2)), np.ones(2))\n"
    assert closing.run(use, "cell 2").error == ""


SPAWN = "import multiprocessing as mp\n\nprocess = mp.get_context('spawn').Process(target=print)\n"


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (f"{SPAWN}process.start()", "starts a program"),
        ("import _posixsubprocess; _posixsubprocess.fork_exec()", "starts a program"),
        ("import subprocess; subprocess._fork_exec()", "starts a program"),
        ("import os; os.mkfifo(DATA + '/pipe')", "makes a device or a pipe"),
        ("import posix; posix.mknod(DATA + '/pipe')", "makes a device or a pipe"),
        ("sqlite3.connect(DATA + '/written')", "opens a database"),
        ("import sys; sys._current_frames()", "looks at the code that calls it"),
    ],
)
def test_no_program_and_no_database_is_reached_past_the_usual_calls(lent, attempt, said):
    folder, process = lent
    process.refused.clear()
    process.run(f"{attempt}\n", "cell 1")
    assert process.refused[0].startswith(said)
    assert [path.name for path in folder.iterdir()] == ["inner"]


LATE = """
import signal


def late(*anything):
    for _ in range(200):
        try:
            open(DATA + "/late", "w").write("x")
        except OSError:
            time.sleep(0.005)

"""


@pytest.mark.parametrize(
    "start",
    [
        "threading.Thread(target=late, daemon=True).start()",
        "signal.signal(signal.SIGALRM, late), signal.setitimer(signal.ITIMER_REAL, 0.3)",
    ],
)
def test_what_goes_on_between_two_cells_is_judged_too(lent, start):
    folder, process = lent
    process.run(f"{LATE}{start}\n", "cell 1")
    time.sleep(1.5)
    process.refused.clear()
    assert process.run("1 + 1\n", "cell 2").error == ""
    assert not (folder / "late").exists()
    assert "changes a file that is not its own (late)" in process.refused


@pytest.mark.parametrize(
    "name",
    ["dbm.ndbm", "dbm.gnu", "readline", "_xxsubinterpreters", "_testcapi", "_testinternalcapi"]
    + ["zmq", "zmq.backend"],
)
def test_a_module_that_works_past_the_guard_is_not_there(sandbox, name):
    assert sandbox.run(f"import {name}\n", "cell 1").error.startswith("ModuleNotFoundError")


def test_the_grader_itself_cannot_be_imported(sandbox):
    assert sandbox.run("import course.guard", "cell 1").error.startswith("ModuleNotFoundError")


def test_an_attempt_whose_error_is_caught_is_kept_all_the_same(sandbox):
    sandbox.refused.clear()
    source = "try:\n    open('/etc/passwd')\nexcept OSError:\n    pass\n"
    assert sandbox.run(source, "cell 1").error == ""
    assert sandbox.refused == ["reads a file that is not its own (passwd)"]


@pytest.mark.parametrize(
    "source",
    [
        "open('mine', 'w').write('x')\nopen('mine').read()\n",
        "import os, shutil\n\nos.makedirs('some/where')\nshutil.rmtree('some')\n",
        "import tempfile\n\nwith tempfile.TemporaryDirectory(dir='.'):\n    pass\n",
        "import matplotlib.pyplot as plt\n\nplt.plot([1, 2])\nplt.savefig('figure.png')\n",
        "from dataclasses import dataclass\n\n\n@dataclass\nclass Point:\n    x: float\n",
        "from collections import namedtuple\n\nPair = namedtuple('Pair', 'a b')\n",
        "import traceback\n\ntry:\n    1 / 0\nexcept ArithmeticError:\n    traceback.print_exc()\n",
        "import warnings\n\nwarnings.warn('careful')\n",
        "%matplotlib inline\n!ls\ndisplay(3)\nif 5 < 3:\n    %pip install adambook\n",
        "n, x = 3, 7\nassert (x\n    %n) == 1\nassert '''\n%s\n'''.strip() == '%s'\n",
        "import numpy as np\n\nnp.sqrt?\n?np.sqrt\nnp.sqrt??\nif 5 < 3:\n    np.sqrt?\n",
        "import fractions, scipy.optimize, adambook.theory\n",
        "import concurrent.futures, multiprocessing, pdb, sqlite3, subprocess\n",
        "from concurrent.futures import ThreadPoolExecutor\n\n"
        "with ThreadPoolExecutor(2) as pool:\n"
        "    assert list(pool.map(lambda x: open('mine', 'w').write('x'), [1, 2])) == [1, 1]\n",
    ],
)
def test_what_honest_cells_do_is_allowed(sandbox, source):
    sandbox.refused.clear()
    assert (sandbox.run(source, "cell 1").error, sandbox.refused) == ("", [])


def test_points_given_by_hand_are_added_and_kept(tmp_path):
    hand_in(tmp_path, ada=stored(ADAM))
    assert run(tmp_path, "--workers", "1")["ada"]["still_to_mark"] == "1"
    marks = tmp_path / "marks.csv"
    text = marks.read_text("utf-8")
    marks.write_text(text.replace("a2-written,10,,", "a2-written,10,8.5,c) is missing"), "utf-8")
    for _ in range(2):
        row = run(tmp_path, "--workers", "1")["ada"]
        assert (row["by_hand"], row["total"], row["still_to_mark"]) == ("8.5", "98.5", "0")
    page = (tmp_path / "feedback" / f"ada-{ADAM}.html").read_text("utf-8")
    assert "c) is missing" in page


def test_points_given_while_the_grading_goes_on_are_kept(tmp_path, monkeypatch):
    hand_in(tmp_path, ada="{")
    grade_all, marks = grade.grade_all, tmp_path / "marks.csv"

    def meanwhile(*found, **options):
        marks.write_text(MARKED, "utf-8")
        return grade_all(*found, **options)

    monkeypatch.setattr(grade, "grade_all", meanwhile)
    row = run(tmp_path, "--assignment", ADAM, "--workers", "1")["ada"]
    assert row["by_hand"] == "8.5" and "8.5" in marks.read_text("utf-8")


def test_ctrl_c_is_one_sentence_and_writes_no_grade(tmp_path, monkeypatch, capsys):
    hand_in(tmp_path, ada="{")

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(grade, "graded", stopped)
    with signals_kept():
        assert grade.stoppable([str(tmp_path), "--assignment", ADAM, "--workers", "1"]) == 130
    said = "stopped before all was written; the same command begins anew\n"
    assert capsys.readouterr().err == said
    assert [path.name for path in tmp_path.iterdir()] == ["ada.ipynb"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_a_grader_that_is_asked_to_end_ends_as_after_ctrl_c(tmp_path, monkeypatch):
    hand_in(tmp_path, ada="{")
    monkeypatch.setattr(grade, "graded", lambda *_: signal.raise_signal(signal.SIGTERM))
    with signals_kept():
        assert grade.stoppable([str(tmp_path), "--assignment", ADAM, "--workers", "1"]) == 130


@contextlib.contextmanager
def signals_kept():
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = [signal.getsignal(number) for number in numbers]
    for number in numbers:
        signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def test_after_ctrl_c_the_submissions_that_wait_are_not_graded_first(monkeypatch):
    class Pool(ProcessPoolExecutor):
        def submit(self, *_):
            future = Future()
            future.exception = stopped
            return future

        def shutdown(self, wait=True, *, cancel_futures=False):
            cancelled.append(cancel_futures)
            super().shutdown(wait, cancel_futures=cancel_futures)

    def stopped():
        raise KeyboardInterrupt

    cancelled = []
    monkeypatch.setattr(grade, "ProcessPoolExecutor", Pool)
    with pytest.raises(KeyboardInterrupt):
        grade.grade_all([None, None], seed=None, seconds=None, workers=2)
    assert cancelled[0]


MARKED = f"student,assignment,cell,maximum,points,comment\nada,{ADAM},a2-written,10,8.5,good\n"


@pytest.mark.parametrize(
    "raw",
    [
        MARKED.encode(),
        MARKED.encode("utf-8-sig"),
        MARKED.replace(",", ";").encode("utf-8-sig"),
        MARKED.replace(",", ";").replace("8.5", "8,5").encode(),
        MARKED.replace(",", "\t").encode(),
    ],
    ids=["plain", "with a mark at its front", "semicolons", "decimal comma", "tabs"],
)
def test_marks_are_read_as_spreadsheets_save_them(tmp_path, raw):
    (tmp_path / "marks.csv").write_bytes(raw)
    row = grade.hand_marks(tmp_path / "marks.csv")["ada", ADAM, "a2-written"]
    assert (row["points"], row["comment"]) == ("8.5", "good")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (f'"{MARKED}"'.encode(), "has no column student"),
        (MARKED.replace("points", "Punkte").encode(), "has no column points"),
        (MARKED.replace("good", "schön").encode("latin-1"), "is not in UTF-8"),
        (b"", "has no column student"),
        (MARKED.replace("good", "x" * 200_000).encode(), "cannot be read as a table"),
    ],
    ids=["one column", "another language", "another encoding", "empty", "a field too long"],
)
def test_marks_that_cannot_be_read_stop_the_grading_before_anything_is_written(
    tmp_path, capsys, raw, said
):
    hand_in(tmp_path, ada="{")
    (tmp_path / "marks.csv").write_bytes(raw)
    with pytest.raises(SystemExit):
        grade.main([str(tmp_path), "--assignment", ADAM, "--workers", "1"])
    assert said in capsys.readouterr().err.splitlines()[-1]
    assert (tmp_path / "marks.csv").read_bytes() == raw
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ada.ipynb", "marks.csv"]


def test_points_by_hand_beyond_the_maximum_are_refused(tmp_path, capsys):
    hand_in(tmp_path, ada=stored(ADAM))
    (tmp_path / "marks.csv").write_text(
        f"student,assignment,cell,maximum,points,comment\nada,{ADAM},a2-written,10,11,\n", "utf-8"
    )
    with pytest.raises(SystemExit):
        grade.main([str(tmp_path)])
    assert "line 2: points must be a number from 0 to 10, got '11'" in capsys.readouterr().err


def test_a_folder_without_notebooks_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        grade.main([str(tmp_path)])
    assert "holds no notebook" in capsys.readouterr().err


def test_another_variant_than_the_one_handed_out_is_noted(tmp_path):
    hand_in(tmp_path, ada=student.student_version(stored(ADAM), seed=4))
    row = run(tmp_path, "--workers", "1", "--seed", "5")["ada"]
    assert row["seed"] == "5"
    assert "The notebook is variant 4; 5 was handed out." in row["notes"]


def test_names_are_read_from_each_layout_of_folders(tmp_path):
    for place in ("ada.ipynb", f"bob/{ADAM}.ipynb", f"eve/{ADAM}/{ADAM}.ipynb", "zoe.ipynb"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        text = "{" if place == "zoe.ipynb" else json.dumps(stored(ADAM))
        (tmp_path / place).write_text(text, "utf-8")
    found = grade.submissions(tmp_path, None)
    assert [(each.student, each.assignment) for each in found] == [
        (who, ADAM) for who in ("ada", "bob", "eve", "zoe")
    ]


def test_several_files_of_one_name_are_graded_each_and_noted(tmp_path):
    for place in ("ada.ipynb", "ada/a.ipynb", "ada/b.ipynb", "zoe.ipynb"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("{", "utf-8")
    options = "--assignment", ADAM, "--workers", "1"
    got = run(tmp_path, *options)
    assert list(got) == ["ada (ada/a.ipynb)", "ada (ada/b.ipynb)", "ada (ada.ipynb)", "zoe"]
    for who, row in got.items():
        assert ("3 files of ada answer this assignment" in row["notes"]) is (who != "zoe")
    assert len(list((tmp_path / "feedback").glob("*.html"))) == 4
    assert len(rows(tmp_path / "marks.csv")) == 4


def test_one_file_of_a_name_for_each_assignment_is_no_reason_for_a_note(tmp_path):
    for name in MASTERS:
        (tmp_path / "ada" / name).mkdir(parents=True)
        (tmp_path / "ada" / name / f"{name}.ipynb").write_text("{", "utf-8")
    assert [(each.student, each.note) for each in grade.submissions(tmp_path, None)] == [
        ("ada", "") for _ in MASTERS
    ]


def test_feedback_shows_a_students_text_as_text():
    master = notebook.read(MASTERS[ADAM])
    report = grade.unreadable("<script>alert(1)</script>", master, "<b>")
    assert "<script>" not in feedback.page(report)
    assert "&lt;b&gt;" in feedback.page(report)


def test_an_endless_submission_ends_with_its_limit(tmp_path):
    content = stored(ADAM)
    by_id(content, "a2-adam-step")["source"] = "while True:\n    pass\n"
    hand_in(tmp_path, stuck=content)
    row = run(tmp_path, "--workers", "1", "--seconds", "4")["stuck"]
    assert row["automatic"] == "20"
