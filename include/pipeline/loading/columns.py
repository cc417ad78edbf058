"""Which column of a file has which role."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.errors import ExamplesError

USUAL: Final = {
    "text": ("text",),
    "classification": ("classification", "label"),
    "time": ("time", "timestamp", "occurred_at"),
    "id": (),
}
_LONGEST_SHOWN = 40
_MOST_WORDS = 3
_MOST_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns to read. If `id` is None, a row's content identifies it."""

    text: str
    classification: str
    time: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """The columns that the user named; None means the usual names."""

    text: str | None = None
    classification: str | None = None
    time: str | None = None
    id: str | None = None

    def resolve(self, present: Sequence[str], where: str) -> Columns:
        """Return the columns to read.

        Raises:
            ExamplesError: a column is missing or doubled; the message lists the columns of the file.
        """
        found = Columns(
            text=self._find("text", present, where),
            classification=self._find("classification", present, where),
            time=self._find("time", present, where),
            id=None if self.id is None else self._find("id", present, where),
        )
        if len({found.text, found.classification, found.time}) < 3:
            raise ExamplesError(
                where, "one column is named for two purposes", "text, class and time each need a column of their own"
            )
        return found

    def _find(self, role: str, present: Sequence[str], where: str) -> str:
        chosen: str | None = getattr(self, role)
        wanted = USUAL[role] if chosen is None else (chosen,)
        for name in wanted:
            if present.count(name) == 1:
                return name
            if name in present:
                raise ExamplesError(where, f"the column {name!r} appears twice", "column names are unique")
        raise ExamplesError(
            where,
            f"no column {' or '.join(repr(name) for name in wanted)} for the {role}",
            f"the file has the columns {_list(present)}",
            f"name the right one with --{role}",
        )


def _list(present: Sequence[str]) -> str:
    return ", ".join(map(show_column, present[:_MOST_SHOWN])) + (" …" if len(present) > _MOST_SHOWN else "")


def show_column(name: str) -> str:
    """Return a column's name for messages; hide a long one, which may be an example in a file without a header."""
    if len(name) <= _LONGEST_SHOWN and len(name.split()) <= _MOST_WORDS:
        return repr(name)
    return f"(one of {len(name)} characters)"
