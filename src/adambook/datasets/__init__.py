"""The data of the paper's experiments: checked when read, fetched when missing.

`mnist`, `cifar10` and `imdb_bow` return a `Dataset` of NumPy arrays. The files lie under
`folder()`; the environment variable `ADAMBOOK_DATA` moves it and `ADAMBOOK_OFFLINE=1` keeps
everything off the network. `status` says what is there, `fetch` brings what is not. `digits`
returns scikit-learn's small set, which needs no file.
"""

from adambook.datasets.cifar10 import cifar10
from adambook.datasets.dataset import Dataset
from adambook.datasets.digits import digits
from adambook.datasets.errors import DataError, StandInWarning
from adambook.datasets.fetch import fetch
from adambook.datasets.folder import folder
from adambook.datasets.imdb import imdb_bow
from adambook.datasets.mnist import mnist
from adambook.datasets.status import Status, status

__all__ = [
    "DataError",
    "Dataset",
    "StandInWarning",
    "Status",
    "cifar10",
    "digits",
    "fetch",
    "folder",
    "imdb_bow",
    "mnist",
    "status",
]
