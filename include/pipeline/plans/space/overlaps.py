"""Removes the overlaps of blocks of one class, so that no point occurs twice."""

from collections.abc import Sequence

from pipeline.components import Component
from pipeline.plans.space.boxes import Box, subtract_all
from pipeline.plans.space.grid import Grid


def separate(grids: Sequence[Grid]) -> list[tuple[Grid, Box]]:
    """Return boxes that hold each point of a section's grids once: in the first grid that has it.

    Raises:
        TooManyBoxesError: one grid overlaps others in too many ways.
    """
    separated: list[tuple[Grid, Box]] = []
    # for each axis of a class, and each number on it, the grids that contain it: most grids do not meet others
    having: dict[tuple[type[Component], int], dict[int, list[Grid]]] = {}
    for place, grid in enumerate(grids):
        component = grid.block.component
        boxes = [grid.box]
        columns = [having.setdefault((component, axis), {}) for axis in range(len(grid.box))]
        meeting: list[list[Grid]] = [
            [earlier for number in numbers for earlier in column.get(number, [])]
            for column, numbers in zip(columns, grid.box, strict=True)
        ]
        # a class without options has one point, which is also in every earlier grid of it
        alike = [] if meeting else [each for each in grids[:place] if each.block.component is component]
        fewest = min(meeting, key=lambda each: len(each), default=alike)
        for earlier in dict.fromkeys(fewest):
            boxes = subtract_all(boxes, dict(enumerate(earlier.box)))
            if not boxes:
                break
        if not boxes:
            continue  # a later grid cannot meet this one unless it meets an earlier one too
        for column, numbers in zip(columns, grid.box, strict=True):
            for number in numbers:
                column.setdefault(number, []).append(grid)
        separated += ((grid, box) for box in boxes)
    return separated
