"""What exists, where it comes from, and the checksums that decide whether it is the real thing.

Checksums of files are SHA-256. A folder's is the id that git gives it as a tree (files of mode
100644), which covers every name and every byte in it. Each was computed from copies of the
published files: MNIST's four archives also have their published MD5, CIFAR-10's batches were
compared with the Python version's published MD5, and IMDB's folders agree in independent copies.
The SHA-256 and the sizes of the two archives were looked up, not computed: several independent
projects publish the same ones. What is unpacked from them is checked by its own checksums in any
case.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from adambook.datasets.errors import DataError


@dataclass(frozen=True)
class Part:
    """One file or folder as the published archives unpack it.

    Attributes
    ----------
    path : str
        Its place in the data folder.
    size : int
        Of a file, its bytes; of a folder, the number of its .txt files.
    checksum : str
        `sha256:...` of a file, `git-tree:...` of a folder.
    """

    path: str
    size: int
    checksum: str

    @property
    def is_folder(self) -> bool:
        """Whether this is a folder of .txt files."""
        return self.checksum.startswith("git-tree:")


@dataclass(frozen=True)
class Download:
    """One file to fetch: kept as it is if it is its only part, otherwise a .tar.gz of its parts.

    Attributes
    ----------
    urls : tuple of str
        Where it lies, the best place first.
    checksum : str
        `sha256:...` of the file.
    size : int
        Its bytes.
    parts : tuple of Part
        What it holds that is wanted.
    """

    urls: tuple[str, ...]
    checksum: str
    size: int
    parts: tuple[Part, ...]

    @property
    def file(self) -> str:
        """The file's name, the last piece of its first address."""
        return self.urls[0].rsplit("/", 1)[1]

    @property
    def is_archive(self) -> bool:
        """Whether its parts have to be unpacked."""
        return self.file.endswith(".tar.gz")


@dataclass(frozen=True)
class Entry:
    """A data set: what it is called, whom to cite, what to fetch.

    Attributes
    ----------
    name, title : str
        What the command line calls it, and what a reader reads.
    folder : str
        Its own folder in the data folder.
    citation : str
        Authors, title and place of publication.
    downloads : tuple of Download
        Where its parts come from.
    """

    name: str
    title: str
    folder: str
    citation: str
    downloads: tuple[Download, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every file or folder that must be there."""
        return tuple(part for download in self.downloads for part in download.parts)

    @property
    def checksum(self) -> str:
        """One SHA-256 for the whole: that of the lines `CHECKSUM  PATH`, in the parts' order."""
        lines = "".join(f"{part.checksum}  {part.path}\n" for part in self.parts)
        return hashlib.sha256(lines.encode()).hexdigest()


MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)


def _mnist_file(file: str, size: int, sha256: str) -> Download:
    checksum = f"sha256:{sha256}"
    urls = tuple(mirror + file for mirror in MNIST_MIRRORS)
    return Download(urls, checksum, size, (Part(f"mnist/{file}", size, checksum),))


MNIST = Entry(
    "mnist",
    "MNIST",
    "mnist",
    "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document "
    "recognition, Proceedings of the IEEE 86(11), 1998; Y. LeCun, C. Cortes, C. J. C. Burges, "
    "The MNIST database of handwritten digits",
    (
        _mnist_file(
            "train-images-idx3-ubyte.gz",
            9_912_422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        _mnist_file(
            "train-labels-idx1-ubyte.gz",
            28_881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        _mnist_file(
            "t10k-images-idx3-ubyte.gz",
            1_648_877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        _mnist_file(
            "t10k-labels-idx1-ubyte.gz",
            4_542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
)


def _cifar10_batch(name: str, sha256: str) -> Part:
    return Part(f"cifar-10-batches-bin/{name}.bin", 30_730_000, f"sha256:{sha256}")


CIFAR10 = Entry(
    "cifar10",
    "CIFAR-10",
    "cifar-10-batches-bin",
    "A. Krizhevsky, Learning multiple layers of features from tiny images, technical report, "
    "University of Toronto, 2009",
    (
        Download(
            (
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
            ),
            "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            170_052_171,
            (
                _cifar10_batch(
                    "data_batch_1",
                    "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
                ),
                _cifar10_batch(
                    "data_batch_2",
                    "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
                ),
                _cifar10_batch(
                    "data_batch_3",
                    "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
                ),
                _cifar10_batch(
                    "data_batch_4",
                    "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
                ),
                _cifar10_batch(
                    "data_batch_5",
                    "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
                ),
                _cifar10_batch(
                    "test_batch",
                    "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
                ),
            ),
        ),
    ),
)


def _imdb_folder(folder: str, tree: str) -> Part:
    return Part(f"aclImdb/{folder}", 12_500, f"git-tree:{tree}")


IMDB = Entry(
    "imdb",
    "IMDB",
    "aclImdb",
    "A. L. Maas, R. E. Daly, P. T. Pham, D. Huang, A. Y. Ng, C. Potts, Learning word vectors for "
    "sentiment analysis, ACL 2011",
    (
        Download(
            ("https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",),
            "sha256:c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
            84_125_825,
            (
                _imdb_folder("train/neg", "548ed727fba705f0df091e0c95bd9e5112807737"),
                _imdb_folder("train/pos", "f641e8e6132d22e0152d725b55386817fc18d643"),
                _imdb_folder("test/neg", "8bf7f32c98ae7899244d2fd46b873cde8f98e6a8"),
                _imdb_folder("test/pos", "7db2b732d1ea0eb34fbd0769e95bc1569bd11522"),
            ),
        ),
    ),
)

ENTRIES = {entry.name: entry for entry in (MNIST, CIFAR10, IMDB)}


def entry(name: str) -> Entry:
    """The data set of that name.

    Raises
    ------
    DataError
        If there is none; the message lists the names.

    >>> entry("cifar10").title
    'CIFAR-10'
    >>> entry("cifar")
    Traceback (most recent call last):
    adambook.datasets.errors.DataError: name must be one of mnist, cifar10, imdb, got 'cifar'
    """
    if name not in ENTRIES:
        raise DataError(f"name must be one of {', '.join(ENTRIES)}, got {name!r}")
    return ENTRIES[name]
