"""Rows that were checked and can be stored."""

from datetime import datetime
from typing import NamedTuple


class IncomingRow(NamedTuple):
    """A checked row: the line it begins on, the id its file gave it, and the example."""

    line: int
    id: str | None
    occurred_at: datetime
    classification: str
    text: str


class RespelledRow(IncomingRow):
    """A row whose class is not kept as its file spells it; `spelled` is how it does."""

    spelled: str
