"""Download one file with pooch: a broken connection is resumed, a wrong file is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adambook.datasets.errors import DataError, Unreachable
from adambook.datasets.registry import Download

CONNECT_SECONDS, READ_SECONDS = 3, 20


def download(wanted: Download, where: Path, part: Path) -> Path:
    """Bring a file from the first of its addresses that answers with the right one.

    Parameters
    ----------
    wanted : Download
        The addresses, the SHA-256 and the size; not much more is taken from any address.
    where : Path
        The folder to put it in.
    part : Path
        What it is called while it is incomplete; the next call asks only for the bytes that are
        not in it.

    Returns
    -------
    Path
        Where the file is, complete and checked.

    Raises
    ------
    Unreachable
        If no address answers, or the connection breaks (`part` stays).
    DataError
        If an address answered and none had the right file (nothing stays).
    """
    import pooch
    import requests
    import urllib3

    wrong, silent = [], []
    for url in wanted.urls:
        resumed = part.exists()
        for _ in range(1 + resumed):  # what was resumed may have been wrong before: once more
            try:
                return Path(
                    pooch.retrieve(
                        url,
                        wanted.checksum,
                        wanted.file,
                        where,
                        downloader=_Resuming(part, wanted.size),
                    )
                )
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                silent.append(f"{url}: {_reason(error)}")
                break
            except ValueError:  # pooch's: the checksum does not match
                wrong.append(url)
    if wrong:
        where_from = ", ".join(dict.fromkeys(wrong))
        raise DataError(
            f"{wanted.file} was refused: what came from {where_from} has not the published SHA-256 "
            "(a login page or a proxy may have answered); run `adambook data fetch` again elsewhere"
        )
    raise Unreachable(f"{wanted.file} could not be fetched ({'; '.join(silent)})")


def _reason(error: Exception) -> str:
    """An error in a few words: the host's answer, or the kind of failure."""
    response = getattr(error, "response", None)
    return f"HTTP {response.status_code}" if response is not None else type(error).__name__


class _Resuming:
    """A downloader for pooch that keeps what has come so far in `part`, and stops after `size`."""

    def __init__(self, part: Path, size: int) -> None:
        self.part, self.size = part, size

    def __call__(self, url: str, output_file: str, pooch: Any = None) -> None:
        """Append to `part` what is still missing, then call it `output_file`."""
        import requests
        import urllib3

        try:
            self._append(url)
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            raise
        except ValueError as error:  # pooch's own says that the checksum is wrong
            raise requests.RequestException("the answer is none of HTTP's") from error
        self.part.replace(output_file)

    def _append(self, url: str) -> None:
        """Append to `part` what is still missing."""
        import requests
        from tqdm import tqdm

        have = self.part.stat().st_size if self.part.exists() else 0
        # the bytes as they are stored: else a position in them would mean nothing
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        timeout = CONNECT_SECONDS, READ_SECONDS
        with requests.get(url, headers=headers, stream=True, timeout=timeout) as answer:
            if have and answer.status_code == 416:  # nothing after what is there
                return
            answer.raise_for_status()
            resumes = answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
            have = have if answer.status_code == 206 and resumes else 0
            length = answer.headers.get("Content-Length", "")
            total = have + int(length) if length.isdecimal() else None  # for the bar alone
            bar = tqdm(total=total, initial=have, unit="B", unit_scale=True, desc=self.part.stem)
            with bar, self.part.open("ab" if have else "wb") as part:
                for chunk in answer.raw.stream(1 << 16, decode_content=False):
                    part.write(chunk)
                    bar.update(len(chunk))
                    have += len(chunk)
                    if have > self.size:  # the checksum will tell; this server might go on for ever
                        break
