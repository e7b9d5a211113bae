"""A real Dask cluster of two workers on this machine, and what is said when there is none."""

import builtins

import pandas as pd
import pytest

from adambook.experiments import runner
from adambook.experiments.cluster import spread

pytestmark = pytest.mark.filterwarnings("ignore::adambook.datasets.StandInWarning")


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    from distributed import LocalCluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADAMBOOK_DATA", str(tmp_path_factory.mktemp("no data")))
        patch.setenv("ADAMBOOK_OFFLINE", "1")
        patch.setenv("PYTHONWARNINGS", "ignore")
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
            yield cluster.scheduler_address


def run(where, **options):
    return runner.run("fig1-mnist", "smoke", where=where, quiet=True, **options)


def test_a_cluster_gives_the_same_rows_to_the_bit(two_workers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    there = run("there", dask=two_workers)
    here = run("here", jobs=1)
    pd.testing.assert_frame_equal(there.rows(), here.rows(), check_exact=True)
    assert there.provenance().keys() == here.provenance().keys()
    assert not list((tmp_path / "there" / "checkpoints").iterdir())


def test_an_error_on_a_worker_comes_back(two_workers, tmp_path, monkeypatch):
    def fail(*_):
        raise ValueError("the data are damaged")

    monkeypatch.setattr(runner, "execute", fail)
    with pytest.raises(ValueError, match="the data are damaged"):
        run(tmp_path, dask=two_workers)


def test_workers_with_several_threads_are_refused():
    from distributed import LocalCluster

    options = {"n_workers": 1, "processes": False, "protocol": "tcp", "dashboard_address": ":0"}
    with (
        LocalCluster(threads_per_worker=2, **options) as cluster,
        pytest.raises(ValueError, match=r"must have one thread, got \[2\]"),
        spread(cluster.scheduler_address),
    ):
        pass


@pytest.mark.parametrize(
    "address",
    ["tcp://127.0.0.1:9", "tls://127.0.0.1:9", "nonsense://here:1", "nowhere", "tcp://noport"],
)
def test_a_wrong_address_is_named(address, monkeypatch):
    monkeypatch.setattr("adambook.experiments.cluster.SECONDS_TO_ANSWER", 1)
    with pytest.raises((OSError, ValueError), match=address), spread(address):
        pass


def test_without_dask_the_way_to_install_it_is_said(monkeypatch):
    real = builtins.__import__

    def without_distributed(name, *rest):
        if name == "distributed":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_distributed)
    with pytest.raises(ValueError, match=r"pip install 'dask\[distributed\]'"), spread("tcp://x:1"):
        pass
