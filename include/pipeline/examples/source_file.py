"""A file of examples as lines of text, whatever it is packed in."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, get_args

from pipeline.errors import ExamplesError

Format = Literal["csv", "jsonl"]
PACKED: Final = ".gz"
ALLOWED_NAMES: Final = "a name that ends in .csv, .jsonl, .csv.gz or .jsonl.gz"
_UTF8_MARK = b"\xef\xbb\xbf"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")


class SourceFile:
    """An open file of examples; reads UTF-8 with or without a byte order mark, a line at a time.

    A line that is not UTF-8 is passed on with its bad bytes escaped and its place kept in `bad_bytes`, so
    that only its row is lost.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self.format = _format_of(path)
        self.bad_bytes: dict[int, str] = {}

    def __enter__(self) -> Self:
        try:
            self._raw = self.path.open("rb")
        except OSError as error:
            raise ExamplesError(str(self.path), f"cannot be read ({error.strerror})") from None
        self.size_bytes = self.path.stat().st_size
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._raw.close()

    def position_bytes(self) -> int:
        """Return how much of the file on disk has been read."""
        return self._raw.tell()

    def lines(self) -> Iterator[str]:
        """Yield every physical line with its line ending.

        Raises:
            ExamplesError: the file cannot be read to its end, or is UTF-16.
        """
        stream = gzip.GzipFile(fileobj=self._raw) if self.path.suffix == PACKED else self._raw
        offset = 0
        try:
            for number, line in enumerate(stream, 1):
                if number == 1:
                    self._refuse_other_encodings(line)
                try:
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    # Within the first line the codec counts from behind the mark.
                    start = error.start + (len(_UTF8_MARK) if number == 1 and _has_mark(line) else 0)
                    self.bad_bytes[number] = (
                        f"is not UTF-8: byte 0x{line[start]:02x} at offset {offset + start} of the file"
                    )
                    yield line.decode("utf-8", "surrogateescape")
                offset += len(line)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise ExamplesError(
                str(self.path), "is damaged or cut off, as gzip", "a whole gzip file", "fetch it again"
            ) from None
        except OSError as error:
            raise ExamplesError(str(self.path), f"cannot be read ({error.strerror})") from None

    def take_bad_bytes(self, first: int, last: int) -> str:
        """Return what is wrong with the encoding of the lines from `first` to `last`, empty if nothing."""
        if not self.bad_bytes:
            return ""
        found = [self.bad_bytes.pop(number, "") for number in range(first, last + 1)]
        return next((reason for reason in found if reason), "")

    def _refuse_other_encodings(self, first_line: bytes) -> None:
        if first_line.startswith(_OTHER_MARKS):
            raise ExamplesError(
                f"{self.name}:1",
                f"is not UTF-8: byte 0x{first_line[0]:02x} at offset 0 of the file begins a UTF-16 text",
                "UTF-8",
                "save the file as UTF-8",
            )


def _has_mark(line: bytes) -> bool:
    return line.startswith(_UTF8_MARK)


def _format_of(path: Path) -> Format:
    stem = path.name.removesuffix(PACKED)
    for known in get_args(Format):
        if stem.endswith(f".{known}"):
            found: Format = known
            return found
    raise ExamplesError(str(path), "is of no known format", ALLOWED_NAMES, "convert or rename it")
