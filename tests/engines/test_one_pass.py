"""How the compiled pass is cut into pieces, and where its scalars come from."""

import numpy as np
import pytest
from oracles import with_epsilon

from adambook import SGD, Adam, one_pass
from adambook.one_pass import PIECE, ScalarTable, pieces_of
from adambook.rules import RULES
from adambook.schedules import inverse_sqrt

FLOAT64 = np.dtype(np.float64)


@pytest.mark.parametrize("cls", RULES, ids=lambda cls: cls.__name__)
def test_scalars_computed_ahead_are_those_of_each_step(cls):
    rule = with_epsilon(cls)
    table = ScalarTable([rule], FLOAT64)
    for t in (*range(1, 200), 1000, 1001, 3, 4):
        np.testing.assert_allclose(table.at(t)[0], rule.constants(t), rtol=1e-14, err_msg=str(t))
    assert len(table.table) > 1


def test_a_schedule_is_asked_for_no_step_but_the_one_that_is_taken():
    asked = []
    table = ScalarTable([SGD(alpha=lambda t: asked.append(t) or 1.0 / t)], FLOAT64)
    assert [float(table.at(t)[0, 0]) for t in (1, 2, 2, 4)] == [1.0, 0.5, 0.5, 0.25]
    assert asked == [1, 2, 4]


def test_a_stack_of_schedules_and_numbers_gives_each_rule_its_own_row():
    rules = [Adam(inverse_sqrt(0.1)), Adam(0.2, beta2=0.5), Adam(0.3)]
    rows = ScalarTable(rules, FLOAT64).at(9)
    for row, rule in zip(rows, rules, strict=True):
        np.testing.assert_allclose(row, rule.constants(9), rtol=1e-14)


@pytest.mark.parametrize("sizes", [(), (0,), (1, PIECE, 0, 3 * PIECE + 5), (PIECE + 1,) * 3])
def test_the_pieces_hold_every_element_of_every_array_once(sizes):
    seen = [np.zeros(size, int) for size in sizes]
    for array, first, count in pieces_of(sizes):
        assert 0 < count <= PIECE
        seen[array][first : first + count] += 1
    assert all((array == 1).all() for array in seen)


def test_what_is_compiled_is_kept_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(one_pass, "_folder", lambda: tmp_path)
    one_pass._compiled.cache_clear()
    try:
        theta, g = np.zeros(2), np.ones(2)
        addresses = np.array([[theta.ctypes.data, g.ctypes.data]])
        one_pass.sweep(SGD, addresses, (2,), np.zeros(1, np.int64), np.ones((1, 1)))
        assert list(tmp_path.glob("sgd_*.py"))
        assert list(tmp_path.glob("__pycache__/*.serial*.nbc"))
        one_pass.compiled(SGD).worker(FLOAT64)
        assert list(tmp_path.glob("__pycache__/*.work*.nbc"))
    finally:
        one_pass._compiled.cache_clear()
    np.testing.assert_array_equal(theta, [-1.0, -1.0])


@pytest.mark.parametrize("found", ["", "raise SystemExit\n"], ids=["empty", "altered"])
def test_a_file_on_disk_that_is_not_the_rules_text_is_written_anew(found, tmp_path, monkeypatch):
    """A power cut leaves an empty one; what others wrote there must not be run."""
    monkeypatch.setattr(one_pass, "_folder", lambda: tmp_path)
    one_pass._compiled.cache_clear()
    try:
        one_pass.compiled(SGD)
        (path,) = tmp_path.glob("sgd_*.py")
        path.write_text(found)
        one_pass._compiled.cache_clear()
        one_pass.compiled(SGD)
        assert path.read_text(encoding="utf-8") == one_pass.source(SGD)
        assert list(tmp_path.glob("sgd_*")) == [path]
    finally:
        one_pass._compiled.cache_clear()
