"""The rows of a file that cannot be loaded: all counted, each kind of fault told once."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pipeline.errors import ExamplesError

SHOWN_FAULTS: Final = 20
SHOWN_ROWS: Final = 20
"""How many rows are kept of each fault."""
_SHOWN_LINES = 5


class BrokenRow(NamedTuple):
    """A row that cannot be loaded, and why; `column` is empty where the whole row is meant."""

    line: int
    column: str
    reason: str


class BrokenRowsError(ExamplesError):
    """A file whose broken rows kept all of it from being loaded."""


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
    """The broken rows of one file: all counted, the first of each fault kept.

    `id_column` is the column that ids come from, for what is found out about them later on.
    """

    where: str
    id_column: str = "id"
    count: int = 0
    _faults: dict[tuple[str, str], _Fault] = field(default_factory=dict)

    def add(self, line: int, column: str, reason: str, kind: str = "") -> None:
        """Count a broken row; of a `kind`, by default the reason itself, only the first is told in full."""
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
        """The rows that are kept, in the order of the file."""
        return sorted(row for fault in self._faults.values() for row in fault.rows)

    def describe(self) -> str:
        """Return one line a fault, `file:line, column: reason, and 2 more lines: 3, 4`, in the order of the file."""
        faults = sorted(self._faults.values(), key=lambda fault: min(fault.rows))
        told = [fault.describe(self.where) for fault in faults]
        if other := self.count - sum(fault.count for fault in faults):
            told.append(f"  … and {other:,} more")
        return "\n".join(told)

    def error(self) -> BrokenRowsError:
        """Return the error that refuses the file."""
        rows = "1 row is" if self.count == 1 else f"{self.count} rows are"
        return BrokenRowsError(
            self.where,
            f"{rows} broken, so nothing was loaded\n{self.describe()}",
            next_step="fix the file, or load the rest of it with --skip-bad",
        )
