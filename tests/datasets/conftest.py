"""Tiny data sets in the real layouts, and a server on this machine to fetch them from."""

import contextlib
import gzip
import hashlib
import io
import struct
import tarfile
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from adambook.datasets import registry
from adambook.datasets.contents import git_tree
from adambook.datasets.registry import Download, Entry, Part


def sha256(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


def tar_gz(members):
    """An archive of (name, content) pairs; a content may also be a ready TarInfo."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in members:
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
            else:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


class Server(ThreadingHTTPServer):
    """Serves `files`; `breaks_after` cuts the first answer; `requests` records what was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.requests, self.breaks_after = {}, [], None

    def url(self, path):
        return f"http://127.0.0.1:{self.server_port}/{path}"


class Endless:
    """A file that does not end; `sent` counts the bytes that were taken of it."""

    sent = 0

    def __len__(self):
        return 1 << 40


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append((self.path, self.headers.get("Range")))
        content = self.server.files.get(self.path.lstrip("/"))
        if content is None:
            return self.send_error(404)
        start = int(self.headers.get("Range", "bytes=0-").split("=")[1].rstrip("-"))
        if start >= len(content):
            return self.send_error(416)
        self.send_response(206 if "Range" in self.headers else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if isinstance(content, Endless):
            return self.go_on(content)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        stop, self.server.breaks_after = self.server.breaks_after, None
        self.wfile.write(content[start:stop])

    def go_on(self, content):
        """Send zeros until nobody takes them any more, 64 MB at most."""
        self.end_headers()
        with contextlib.suppress(OSError):
            while content.sent < 1 << 26:
                content.sent += self.wfile.write(bytes(1 << 16))

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def endless(server):
    """What the server sends for CIFAR-10's archive below endless/."""
    server.files["endless/cifar-10-binary.tar.gz"] = file = Endless()
    return file


@pytest.fixture
def root(tmp_path, monkeypatch):
    """An empty data folder, and no way to the network but to this machine."""
    monkeypatch.setenv("ADAMBOOK_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("ADAMBOOK_OFFLINE", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "data"


@pytest.fixture
def tiny_mnist(server, root, monkeypatch):
    """Three training and two test digits of 2 x 2 pixels, served but not there."""
    arrays = {
        "train-images-idx3-ubyte.gz": np.arange(12).reshape(3, 2, 2),
        "train-labels-idx1-ubyte.gz": np.array([5, 0, 9]),
        "t10k-images-idx3-ubyte.gz": np.arange(248, 256).reshape(2, 2, 2),
        "t10k-labels-idx1-ubyte.gz": np.array([1, 7]),
    }
    files = {file: gzip.compress(idx(array)) for file, array in arrays.items()}
    server.files |= files
    downloads = tuple(
        Download(
            (server.url(file),),
            sha256(content),
            len(content),
            (Part(f"mnist/{file}", len(content), sha256(content)),),
        )
        for file, content in files.items()
    )
    entry = Entry("mnist", "MNIST", "mnist", "", downloads)
    monkeypatch.setitem(registry.ENTRIES, "mnist", entry)
    return entry


@pytest.fixture
def tiny_cifar10(server, root, monkeypatch):
    """A training and a test photograph, in an archive that holds other things too."""
    batch = {
        name: bytes([label]) + bytes(range(256)) * 12  # the red plane is 0..255 four times
        for name, label in (("data_batch_1", 3), ("test_batch", 8))
    }
    paths = {f"cifar-10-batches-bin/{name}.bin": content for name, content in batch.items()}
    archive = tar_gz([("cifar-10-batches-bin/readme.html", b"<p>"), *paths.items()])
    server.files |= {"cifar-10-binary.tar.gz": archive}
    parts = tuple(Part(path, len(content), sha256(content)) for path, content in paths.items())
    download = Download(
        (server.url("cifar-10-binary.tar.gz"),), sha256(archive), len(archive), parts
    )
    entry = Entry("cifar10", "CIFAR-10", "cifar-10-batches-bin", "", (download,))
    monkeypatch.setitem(registry.ENTRIES, "cifar10", entry)
    return entry


@pytest.fixture
def tiny_imdb(server, root, monkeypatch):
    """Two reviews a folder, in an archive that holds other things too."""
    folders = {
        "aclImdb/train/neg": {"0_1.txt": b"Bad, bad film", "10_2.txt": b"a bad plot"},
        "aclImdb/train/pos": {"0_9.txt": b"A good film!", "1_7.txt": "good \u00c9toile".encode()},
        "aclImdb/test/neg": {"0_1.txt": b"bad", "1_1.txt": b"bad unseen"},
        "aclImdb/test/pos": {"0_9.txt": b"good", "1_9.txt": b"GOOD film good"},
    }
    members = [
        (f"{folder}/{name}", content)
        for folder in folders
        for name, content in folders[folder].items()
    ]
    archive = tar_gz([("aclImdb/train/unsup/0_0.txt", b"unlabelled"), *members])
    server.files |= {"aclImdb_v1.tar.gz": archive}
    parts = tuple(
        Part(folder, len(files), f"git-tree:{git_tree(files.items())}")
        for folder, files in folders.items()
    )
    download = Download((server.url("aclImdb_v1.tar.gz"),), sha256(archive), len(archive), parts)
    entry = Entry("imdb", "IMDB", "aclImdb", "", (download,))
    monkeypatch.setitem(registry.ENTRIES, "imdb", entry)
    return entry


@pytest.fixture
def repacked(server, tiny_cifar10, monkeypatch):
    """A function: CIFAR-10's archive from now on holds these (name, content) pairs."""

    def repack(members):
        archive = tar_gz(members)
        (download,) = tiny_cifar10.downloads
        server.files[download.file] = archive
        download = replace(download, checksum=sha256(archive), size=len(archive))
        monkeypatch.setitem(
            registry.ENTRIES, "cifar10", replace(tiny_cifar10, downloads=(download,))
        )

    return repack
