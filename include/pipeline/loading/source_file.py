"""A file of texts, or standard input, as lines of text, packed or not."""

import errno
import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, get_args

from pipeline.errors import ExamplesError
from pipeline.examples.example import LONGEST_TEXT
from pipeline.loading.first_line import refuse_first_line

Format = Literal["csv", "jsonl"]
Progress = Callable[[int, int | None], None]
"""Called with the bytes read so far and the size of the file in bytes, None for a pipe."""
PACKED: Final = ".gz"
STDIN: Final = Path("-")
"""The path that means standard input."""
ALLOWED_NAMES: Final = "a name that ends in .csv, .jsonl, .csv.gz or .jsonl.gz"
LONGEST_LINE: Final = 8 * LONGEST_TEXT
"""Limit of the bytes in a line and of the characters in a row: the longest text, however it is escaped, and more."""

_UTF8_MARK = b"\xef\xbb\xbf"
_GZIP_MARK = b"\x1f\x8b"
_CHUNK_BYTES = 2**16


class SourceFile:
    """An open file of texts; reads UTF-8, with or without a byte order mark, line by line.

    A line that is not UTF-8 is yielded with its bad bytes escaped, and one that is too long as an empty line;
    `bad_lines` says what is wrong, so only that row is lost. Memory holds at most `LONGEST_LINE` bytes of a line. It is
    for one thread.

    Args:
        path: the file, or `STDIN`.
        file_format: its format; by default its name says it.
    """

    def __init__(self, path: Path, file_format: Format | None = None) -> None:
        self.path = path
        self.name = "stdin" if path == STDIN else path.name
        self.format = file_format or format_of(path)
        self.size_bytes: int | None = None
        """The size on disk; None for a pipe."""
        self._offset = 0
        self.bad_lines: dict[int, tuple[str, str]] = {}
        """What is wrong with a line, by its number: the kind of fault, and the details."""

    def __enter__(self) -> Self:
        try:
            self._raw = _open_stdin() if self.path == STDIN else self.path.open("rb")
            found = os.fstat(self._raw.fileno())
        except OSError as error:
            raise self._unreadable(error) from None
        self.size_bytes = found.st_size if stat.S_ISREG(found.st_mode) else None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._raw.close()

    def position_bytes(self) -> int:
        """Return how many bytes of the file on disk have been read; for a pipe, how many bytes of lines."""
        return self._offset if self.size_bytes is None else self._raw.tell()

    def lines(self) -> Iterator[str]:
        """Yield every physical line with its line ending.

        Raises:
            ExamplesError: the file cannot be read to its end, or is in another format.
        """
        try:
            yield from self._decode_lines(self._unpack())
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise ExamplesError(
                str(self.path), "is damaged or cut off", "a complete gzip file", "fetch it again"
            ) from None
        except OSError as error:
            raise self._unreadable(error) from None

    def _unpack(self) -> io.BufferedReader:
        # standard input has no name that says so
        packed = self._raw.peek(2).startswith(_GZIP_MARK) if self.path == STDIN else self.path.suffix == PACKED
        return io.BufferedReader(gzip.GzipFile(fileobj=self._raw), _CHUNK_BYTES) if packed else self._raw

    def _unreadable(self, error: OSError) -> ExamplesError:
        return ExamplesError(str(self.path), f"cannot be read ({error.strerror})")

    def find_bad_line(self, first: int, last: int) -> tuple[str, str] | None:
        """Return what is wrong with the first bad line from `first` to `last`; None if all are good."""
        if not self.bad_lines:
            return None
        return next((self.bad_lines[number] for number in range(first, last + 1) if number in self.bad_lines), None)

    def forget_bad_lines(self, before: int) -> None:
        """Forget the bad lines before a line."""
        for number in [each for each in self.bad_lines if each < before]:
            del self.bad_lines[number]

    def _decode_lines(self, stream: io.BufferedReader) -> Iterator[str]:
        number = 0
        while line := stream.readline(LONGEST_LINE + 1):
            number += 1
            if number == 1:
                refuse_first_line(line, self.name, self.format)
            length = len(line)
            if length > LONGEST_LINE and not line.endswith(b"\n"):
                line = b""  # free it before reading on
                length += _skip_line(stream)
                found = f"has {length:,} bytes; a line has at most {LONGEST_LINE:,}: shorten or split its text"
                self.bad_lines[number] = ("is too long", found)
                yield "\n"
            else:
                yield self._decode(line, number)
            self._offset += length

    def _decode(self, line: bytes, number: int) -> str:
        try:
            return line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            # In the first line the codec counts from after the mark.
            start = error.start + (len(_UTF8_MARK) if number == 1 and line.startswith(_UTF8_MARK) else 0)
            found = f"is not UTF-8: byte 0x{line[start]:02x} at offset {self._offset + start} of the file"
            self.bad_lines[number] = ("is not UTF-8", found)
            return line.decode("utf-8", "surrogateescape")


def _skip_line(stream: io.BufferedReader) -> int:
    """Read to the end of a line and return how many bytes that was."""
    skipped = 0
    while chunk := stream.readline(_CHUNK_BYTES):
        skipped += len(chunk)
        if chunk.endswith(b"\n"):
            break
    return skipped


def _open_stdin() -> io.BufferedReader:
    if sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed")
    return os.fdopen(os.dup(sys.stdin.fileno()), "rb")  # to close it leaves stdin itself open


def format_of(path: Path) -> Format:
    """Return the format that a file's name says.

    Raises:
        ExamplesError: it says none; the message lists the names that do.
    """
    stem = path.name.removesuffix(PACKED)
    for known in get_args(Format):
        if stem.endswith(f".{known}"):
            found: Format = known
            return found
    raise ExamplesError(str(path), "has no known format", ALLOWED_NAMES, "convert or rename it")
