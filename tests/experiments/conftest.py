"""What experiments have loaded in this process is forgotten: a test may look at other data."""

import sys

import pytest

LOADERS = ("fig1_mnist._data", "fig1_imdb._data", "fig3._data", "fig4._data", "mlp_runs.load")


def forget():
    for place in LOADERS:
        name, _, function = place.partition(".")
        module = sys.modules.get(f"adambook.experiments.{name}")
        getattr(getattr(module, function, None), "cache_clear", lambda: None)()


@pytest.fixture(autouse=True)
def nothing_loaded():
    forget()
    yield
    forget()
