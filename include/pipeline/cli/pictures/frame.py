"""A picture of characters within two axes. What is drawn later covers what was drawn before."""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from pipeline.cli.pictures.scales import Scale, format_ticks

if TYPE_CHECKING:
    from rich.text import Text

LINE: Final = "dim"
_TICK_CELLS: Final = 10
"""An axis has a tick in about so many cells, in a row of them."""
_LEAST_CELLS: Final = 16


class Frame:
    """Cells that characters are written into by column and row, row 0 at the bottom.

    ```text
    0.9 ┤    ●         axis on the left with its ticks, cells to the right of it,
    0.8 ┤  ○           axis below with its own
        └─┬───┬──
          1   2
    ```

    Args:
        width: of the whole picture, in cells of the terminal.
        up: the scale of its rows.
        marked: ticks of the axis on the left; by default round values of its scale.
    """

    def __init__(self, width: int, up: Scale, marked: Sequence[float] | None = None) -> None:
        self.up = up
        ticks = up.list_ticks(max(2, up.cells // 3)) if marked is None else marked
        self._names = dict(zip(map(up.place, ticks), format_ticks(ticks), strict=True))
        self._margin = max(map(len, self._names.values()), default=0)
        self.columns = max(_LEAST_CELLS, width - self._margin - 2)
        self.most_ticks = max(2, self.columns // _TICK_CELLS)
        self._cells: dict[tuple[int, int], tuple[str, str]] = {}

    def write(self, column: int, row: int, text: str, style: str = "") -> None:
        """Write a text into the cells from a place on; what has no room is left out."""
        for offset, character in enumerate(text):
            if 0 <= column + offset < self.columns and 0 <= row < self.up.cells:
                self._cells[column + offset, row] = (character, style)

    def draw_steps(self, corners: Sequence[tuple[int, int]]) -> None:
        """Draw a line from corner to corner, each time first to the right and then up or down."""
        for (column, row), (next_column, next_row) in pairwise(corners):
            self.write(column + 1, row, "─" * (next_column - column), LINE)
            if next_row != row:
                low, high = sorted((row, next_row))
                for between in range(low + 1, high):
                    self.write(next_column, between, "│", LINE)
                if next_column > column:
                    self.write(next_column, row, "┘" if next_row > row else "┐", LINE)

    def render(self, names: dict[int, str]) -> "Text":
        """Return the picture.

        Args:
            names: what stands below the lower axis, by the column of its tick; those without room are left out.
        """
        from rich.text import Text

        picture = Text()
        for row in reversed(range(self.up.cells)):
            name = self._names.get(row)
            picture.append(f"{name or '':>{self._margin}} ")
            picture.append("┤" if name is not None else "│", LINE)
            last = max((column for column, where in self._cells if where == row), default=-1)
            cells = [self._cells.get((column, row), (" ", "")) for column in range(last + 1)]
            append_cells(picture, cells)
            picture.append("\n")
        shown, below = self._place_names(names)
        axis = "".join("┬" if column in shown else "─" for column in range(self.columns))
        picture.append(" " * (self._margin + 1))
        picture.append(f"└{axis}\n", LINE)
        picture.append(" " * (self._margin + 2) + below)
        return picture

    def _place_names(self, names: dict[int, str]) -> tuple[set[int], str]:
        """Return the columns whose names have room, and the line of these names, each in the middle below its tick."""
        shown, line = set(), ""
        for column, name in sorted(names.items()):
            begin = min(max(0, column - len(name) // 2), self.columns - len(name))
            if begin >= len(line) + (1 if line else 0):
                line = line.ljust(begin) + name
                shown.add(column)
        return shown, line


def append_cells(picture: "Text", cells: Iterable[tuple[str, str]]) -> None:
    """Append characters with their styles, those of one style together: a terminal then gets few codes."""
    for style, same in groupby(cells, key=itemgetter(1)):
        picture.append("".join(character for character, _ in same), style)


def name_ticks(scale: Scale, most: int) -> dict[int, str]:
    """Return the texts of a scale's ticks by their cells."""
    ticks = scale.list_ticks(most)
    return dict(zip(map(scale.place, ticks), format_ticks(ticks), strict=True))
