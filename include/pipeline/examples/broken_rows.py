"""The broken rows of a file: all counted, each kind of fault described once."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pipeline.errors import ExamplesError

SHOWN_FAULTS: Final = 20
SHOWN_ROWS: Final = 20
"""How many rows of each fault are kept."""
_SHOWN_LINES = 5


class BrokenRow(NamedTuple):
    """A row that cannot be used, and why; `column` is empty if the fault is not in one column."""

    line: int
    column: str
    reason: str


class BrokenRowsError(ExamplesError):
    """A file that was not used because rows are broken."""


@dataclass
class _Fault:
    count: int = 0
    rows: list[BrokenRow] = field(default_factory=list)

    def describe(self, where: str) -> str:
        first, *more = sorted(self.rows)
        told = f"  {where}:{first.line}{first.column and f', column {first.column}'}: {first.reason}"
        if not more:
            return told
        lines, others = [f"{row.line}" for row in more[:_SHOWN_LINES]], self.count - 1
        if others > len(lines):
            lines.append("…")
        return f"{told}, and {others:,} more {'line' if others == 1 else 'lines'}: {', '.join(lines)}"


@dataclass
class BrokenRows:
    """The broken rows of one file: all counted, the first of each fault kept. For one thread.

    Attributes:
        where: the file's name.
        id_column: the column of ids, for faults that only the database finds.
        count: the number of broken rows.
    """

    where: str
    id_column: str = "id"
    count: int = 0
    _faults: dict[tuple[str, str], _Fault] = field(default_factory=dict)

    def add(self, line: int, column: str, reason: str, kind: str = "") -> None:
        """Count a broken row. Of each `kind`, by default the reason itself, only the first is described in full."""
        self.count += 1
        key = (column, kind or reason)
        if key not in self._faults and len(self._faults) == SHOWN_FAULTS:
            return
        fault = self._faults.setdefault(key, _Fault())
        fault.count += 1
        if len(fault.rows) < SHOWN_ROWS:
            fault.rows.append(BrokenRow(line, column, reason))

    @property
    def shown(self) -> list[BrokenRow]:
        """The kept rows, in the order of the file."""
        return sorted(row for fault in self._faults.values() for row in fault.rows)

    def describe(self) -> str:
        """Return one line per fault, in the order of the file: `file:line, column: reason, and 2 more lines: 3, 4`."""
        faults = sorted(self._faults.values(), key=lambda fault: min(fault.rows))
        told = [fault.describe(self.where) for fault in faults]
        if other := self.count - sum(fault.count for fault in faults):
            told.append(f"  … and {other:,} more")
        return "\n".join(told)

    def error(self, outcome: str = "nothing was loaded", verb: str = "load") -> BrokenRowsError:
        """Return the error for a file that is not loaded, or used in another way."""
        rows = "1 row is" if self.count == 1 else f"{self.count} rows are"
        return BrokenRowsError(
            self.where,
            f"{rows} broken, so {outcome}\n{self.describe()}",
            next_step=f"fix the file, or {verb} the rest of it with --skip-bad",
        )
