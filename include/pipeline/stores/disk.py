"""Checks whether the disk of a folder can be written to, and says what to do if not."""

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

SPARE_BYTES: Final = 32 * 2**20
"""With less free space PostgreSQL may stop at any moment: this is two segments of its write-ahead log."""

_PROBE: Final = bytes(64 * 2**10)
_FULL: Final = "is full"
_REASONS: Final = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "is full for this user, whose quota is used up",
    errno.EROFS: "is read-only",
}
_REMEDIES: Final = {
    errno.ENOSPC: f"free at least {SPARE_BYTES // 2**20} MB there, then run `pipeline up`",
    errno.EDQUOT: "delete files of this user or have the quota raised, then run `pipeline up`",
    errno.EROFS: "mount it for writing, then run `pipeline up`",
}


class Trouble(NamedTuple):
    """Why a disk cannot be written to, as parts of an error's sentence."""

    what: str
    next_step: str


def find_trouble(folder: Path) -> Trouble | None:
    """Return why the disk of a folder cannot be written to; None if it can, or if the cause is unknown.

    It looks at the free space and then writes a small file: only that reveals a quota.
    """
    place = next((each for each in (folder, *folder.parents) if each.is_dir()), Path("/"))
    number = _ask(place) or _try(place)
    return None if number is None else _describe(place, number)


def describe_os_error(error: OSError, *folders: Path) -> Trouble | None:
    """Return what an OSError says about a disk; None if it is about something else.

    Args:
        error: the error; after a write it names no file.
        folders: where to look for the disk in that case.
    """
    if error.errno not in _REASONS:
        return None
    if isinstance(error.filename, str | bytes | os.PathLike):
        return _describe(Path(os.fsdecode(error.filename)).absolute().parent, error.errno)
    for folder in (*folders, Path(tempfile.gettempdir()), Path.cwd()):
        if trouble := find_trouble(folder):
            return trouble
    what = f"the disk that was written to {_REASONS[error.errno]} ({os.strerror(error.errno)})"
    return Trouble(what, "make room there, or write elsewhere")


def _ask(folder: Path) -> int | None:
    """Return the errno that a write would give by the file system's statistics; None if it would succeed."""
    with suppress(OSError):
        found = os.statvfs(folder)
        if found.f_flag & os.ST_RDONLY:
            return errno.EROFS
        no_files_left = found.f_files > 0 and found.f_favail == 0
        if no_files_left or found.f_bavail * found.f_frsize < SPARE_BYTES:
            return errno.ENOSPC
    return None


def _try(folder: Path) -> int | None:
    """Write a small file; return the errno if that fails because of the disk, else None."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(_PROBE)
            file.flush()
    except OSError as error:
        return error.errno if error.errno in _REASONS else None
    return None


def _describe(folder: Path, number: int) -> Trouble:
    what = f"the disk of {folder} {_REASONS[number]}"
    with suppress(OSError):
        found = os.statvfs(folder)
        free, size = (blocks * found.f_frsize // 2**20 for blocks in (found.f_bavail, found.f_blocks))
        if number == errno.ENOSPC and found.f_files > 0 and found.f_favail == 0:
            what += f" (no more files can be made on it; {free:,} of {size:,} MB are free)"
        elif number != errno.EROFS:
            what += f" ({free:,} of {size:,} MB are free)"
    return Trouble(what, _REMEDIES[number])
