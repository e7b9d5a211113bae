"""SIGKILL at any moment: the same call goes on to the same rows, bit for bit."""

import numpy as np
import pytest
from killing import dies_after, dies_at

from adambook.experiments import runner

KILLS = 20
STACKS, NETWORK = "fig1-mnist", "fig2b-tuning"

pytestmark = pytest.mark.filterwarnings("ignore::adambook.datasets.StandInWarning")


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """No data and no network: the stand-ins, small and the same everywhere."""
    names = {
        "ADAMBOOK_DATA": str(tmp_path / "no data"),
        "ADAMBOOK_OFFLINE": "1",
        "PYTHONWARNINGS": "ignore",
    }
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    return names


def killed_and_resumed(name, tmp_path, moments, dies):
    """Kill a run at each moment, going on from what the last kill left; look at each end."""
    whole = run(name, tmp_path / "whole")
    folders = (tmp_path / f"run {number}" for number in range(len(moments)))
    where, kills = next(folders), 0
    for moment in moments:
        if dies(moment, where):
            kills += 1
        else:
            assert_whole(where, whole)
            where = next(folders)
    run(name, where)
    assert_whole(where, whole)
    return kills


def run(name, where):
    return runner.run(name, "smoke", jobs=1, where=where, quiet=True)


def assert_whole(where, whole):
    """The table is the same to the byte, and nothing else is left of the kills."""
    assert (where / whole.table.name).read_bytes() == whole.table.read_bytes()
    assert (where / whole.origins.name).exists()
    assert not list((where / "checkpoints").iterdir())
    assert not list(where.glob("*.part"))


def test_a_stack_killed_before_any_touch_of_the_disk_goes_on_to_the_same_rows(tmp_path, stand_in):
    touches = np.random.default_rng(1).integers(2, 20, size=KILLS).tolist()
    kills = killed_and_resumed(
        STACKS, tmp_path, touches, lambda k, where: dies_at(k, where, stand_in, run, STACKS, where)
    )
    assert kills >= KILLS - 4


def test_a_network_killed_at_any_time_goes_on_to_the_same_rows(tmp_path, stand_in):
    seconds = np.random.default_rng(2).uniform(0.05, 0.6, size=KILLS).tolist()
    killed_and_resumed(
        NETWORK, tmp_path, seconds, lambda s, where: dies_after(s, stand_in, run, NETWORK, where)
    )
