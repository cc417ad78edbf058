"""Checked rows, ready to be stored."""

from datetime import datetime
from typing import NamedTuple


class IncomingRow(NamedTuple):
    """A checked row: the line it begins on, its id in the file (None without an id column), and the example."""

    line: int
    id: str | None
    occurred_at: datetime
    classification: str
    text: str


class RespelledRow(IncomingRow):
    """A row whose class is stored in another spelling than its file's, which is `spelled`."""

    spelled: str
