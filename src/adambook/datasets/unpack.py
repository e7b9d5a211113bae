"""Take the wanted parts out of a .tar.gz archive, and nothing else."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from adambook.datasets.errors import DataError
from adambook.datasets.registry import Part


def unpack(archive: Path, parts: Iterable[Part], where: Path) -> None:
    """Write the wanted files and folders of an archive below a folder.

    A member is wanted if it is a part, or a .txt file in a part that is a folder. Others are
    skipped, so that no name in the archive chooses where anything is written.

    Parameters
    ----------
    archive : Path
        A gzip-compressed tar file.
    parts : iterable of Part
        What is wanted.
    where : Path
        The folder that the parts' paths start from.

    Raises
    ------
    DataError
        If the archive is broken, a member's name leads out of the folder, or a
        wanted member is a link or anything else that is not a plain file.
    """
    from tqdm import tqdm

    files = {part.path for part in parts if not part.is_folder}
    folders = {part.path for part in parts if part.is_folder}
    try:
        with tarfile.open(archive, "r|gz") as members:
            for member in tqdm(members, desc=f"unpacking {archive.name}", delay=2, leave=False):
                name = PurePosixPath(member.name)
                if name.is_absolute() or ".." in name.parts:
                    raise DataError(f"{archive.name} is unsafe: {member.name!r} leads out of it")
                if str(name) in files or (str(name.parent) in folders and name.suffix == ".txt"):
                    _write(members, member, archive, where / name)
    except (tarfile.TarError, EOFError) as error:
        raise DataError(f"{archive.name} could not be unpacked ({error})") from error


def _write(members: tarfile.TarFile, member: tarfile.TarInfo, archive: Path, path: Path) -> None:
    content = members.extractfile(member) if member.isreg() else None
    if content is None:
        raise DataError(f"{archive.name} is unsafe: {member.name!r} is not a plain file")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.read())
