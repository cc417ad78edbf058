"""Where classified rows go: to a file, which is written whole or not at all, or to standard output."""

import gzip
import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pipeline.errors import PipelineError
from pipeline.loading.source_file import PACKED
from pipeline.stores.disk import describe_os_error

Write = Callable[[str], object]

_LEVEL: Final = 6  # the gzip program's own; Python's default of 9 takes twice the time for a percent of the size


@contextmanager
def open_output(path: Path | None) -> Iterator[Write]:
    """Yield a function that writes text as UTF-8: to a file, packed if its name ends in `.gz`, or to standard output.

    The file is replaced when the block ends. If it raises, the previous file stays as it was.

    Raises:
        PipelineError: the file cannot be written.
    """
    if path is None:
        yield _write_stdout
        return
    target = path.resolve()  # a symbolic link stays one
    if target.exists() and not target.is_file():
        raise PipelineError(str(path), "is not a regular file", "a new file, or one to replace")
    unfinished = target.with_name(f".{secrets.token_hex(8)}.unfinished")
    try:
        with _unlink_on_error(unfinished):
            with _create(unfinished, target) as write:
                yield write
            unfinished.replace(target)
    except OSError as error:
        trouble = describe_os_error(error, target.parent)
        found = f"cannot be written ({trouble.what if trouble else error.strerror}), so it is as it was before"
        raise PipelineError(
            str(path), found, next_step="make room, or choose another file" if trouble else ""
        ) from None


def _write_stdout(text: str) -> None:
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


@contextmanager
def _unlink_on_error(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def _create(path: Path, target: Path) -> Iterator[Write]:
    """Create a file with the mode of the one that it will replace, or a new file's, and yield what writes to it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        if target.exists():
            os.fchmod(descriptor, stat.S_IMODE(target.stat().st_mode))
        if target.suffix == PACKED:
            # without name and time, the same rows give the same bytes
            with gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as packed:
                yield lambda text: packed.write(text.encode())
        else:
            yield lambda text: file.write(text.encode())
        file.flush()
        os.fsync(descriptor)
