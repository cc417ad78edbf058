"""Which column of a file has which role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.components.suggest import suggest
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
        roles = [role for role in USUAL if role != "id" or self.id is not None]
        found = Columns(**find_columns({role: self._wanted(role) for role in roles}, present, where))
        if len({found.text, found.classification, found.time}) < 3:
            raise ExamplesError(
                where, "one column is named for two purposes", "text, class and time each need a column of their own"
            )
        return found

    def _wanted(self, role: str) -> tuple[str, ...]:
        chosen: str | None = getattr(self, role)
        return USUAL[role] if chosen is None else (chosen,)


def find_columns(wanted: Mapping[str, Sequence[str]], present: Sequence[str], where: str) -> dict[str, str]:
    """Return the column of each role.

    Args:
        wanted: the names that a role's column may have; `--ROLE` is the option that names it.
        present: the columns of the file.
        where: the file and line that have them.

    Raises:
        ExamplesError: a column is missing or doubled; the message lists the columns of the file.
    """
    names = {role: _find(wanted[role], present, where) for role in wanted}
    if missing := [role for role, name in names.items() if name is None]:
        raise _missing_error({role: wanted[role] for role in missing}, present, where)
    return {role: str(name) for role, name in names.items()}


def _find(wanted: Sequence[str], present: Sequence[str], where: str) -> str | None:
    for name in wanted:
        if present.count(name) == 1:
            return name
        if name in present:
            raise doubled_error(name, where)
    return None


def doubled_error(name: str, where: str) -> ExamplesError:
    """Return the error for a column that a file has twice."""
    return ExamplesError(where, f"the column {show_column(name)} appears twice", "column names are unique")


def _missing_error(missing: Mapping[str, Sequence[str]], present: Sequence[str], where: str) -> ExamplesError:
    shown = [name for name in present if _is_name(name)]
    near = {suggest(name, shown): None for names in missing.values() for name in names}
    return ExamplesError(
        where,
        ", and ".join(f"no column {' or '.join(map(repr, names))} for the {role}" for role, names in missing.items()),
        f"the file has the columns {_list(present)}",
        "; ".join(filter(None, [f"name the right ones with {', '.join(f'--{role}' for role in missing)}", *near])),
    )


def _list(present: Sequence[str]) -> str:
    return ", ".join(map(show_column, present[:_MOST_SHOWN])) + (" …" if len(present) > _MOST_SHOWN else "")


def show_column(name: str) -> str:
    """Return a column's name for messages; hide a long one, which may be an example in a file without a header."""
    return repr(name) if _is_name(name) else f"(one of {len(name)} characters)"


def _is_name(name: str) -> bool:
    return len(name) <= _LONGEST_SHOWN and len(name.split()) <= _MOST_WORDS
