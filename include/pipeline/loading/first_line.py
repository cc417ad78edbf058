"""Recognise, by its first line, a file in another encoding or format, and say how to convert it."""

import re
import shlex
from typing import Final

from pipeline.errors import ExamplesError

_MARKS: Final = {
    b"\xff\xfe": ("is UTF-16", "save the file as UTF-8"),
    b"\xfe\xff": ("is UTF-16", "save the file as UTF-8"),
    b"\x1f\x8b": ("is packed with gzip", "add .gz to its name"),
    b"PK\x03\x04": ("is a zip archive, or a spreadsheet in one", "unpack it, or save the spreadsheet as CSV"),
}
_JSON_ARRAY = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[")
_SEPARATORS: Final = {"\t": "tabs", ";": "semicolons", "|": "vertical bars"}


def refuse_first_line(line: bytes, name: str, file_format: str) -> None:
    """Check the first bytes of a file.

    Raises:
        ExamplesError: the file has another encoding, format or line ending.
    """
    where, quoted = f"{name}:1", shlex.quote(name.removesuffix(".gz"))
    for mark, (what, next_step) in _MARKS.items():
        if line.startswith(mark):
            found = f"is not UTF-8: byte 0x{line[0]:02x} at offset 0 of the file: it {what}"
            raise ExamplesError(where, found, "UTF-8", next_step)
    if b"\0" in line[:2]:
        raise ExamplesError(where, "begins with NUL bytes, as UTF-16 does", "UTF-8", "save the file as UTF-8")
    if b"\r" in line.removesuffix(b"\n").removesuffix(b"\r") or line.endswith(b"\r"):
        found = r"the lines end with carriage returns alone (\r), as on old Macintosh computers"
        allowed = r"lines that end with \n or \r\n"
        raise ExamplesError(where, found, allowed, f"convert it: tr '\\r' '\\n' < {quoted} > converted.{file_format}")
    if file_format == "jsonl" and _JSON_ARRAY.match(line):
        found = "is a JSON array, not JSON Lines"
        step = f"convert it: jq -c '.[]' {quoted} > converted.jsonl"
        raise ExamplesError(where, found, "one JSON object per line, one line per example", step)


def refuse_separator(header: list[str], where: str) -> None:
    """Check that commas separate the columns' names.

    Raises:
        ExamplesError: something else separates them; the message says what.
    """
    for separator, called in _SEPARATORS.items():
        if len(header) == 1 and header[0].count(separator) >= 2:
            found = f"the columns are separated by {called}"
            raise ExamplesError(where, found, "commas", "save the file with commas between its columns")
