"""Scales: in which cell of a picture a value is, and at which round values an axis has ticks."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_WIDE: Final = 20
"""Values that differ by more than this factor get a logarithmic scale."""
_NEARLY: Final = 0.8
"""A few more ticks than were asked for do no harm."""
_ROUND: Final = (1, 2, 2.5, 5, 10)
_ROUND_POWERS: Final = (1, 2, 5)


@dataclass(frozen=True)
class Scale:
    """Maps values to cells.

    Attributes:
        low: the value in the middle of the first cell.
        high: the value in the middle of the last cell.
        cells: how many there are.
        is_logarithmic: whether equal distances are equal factors instead of equal differences.
        is_reversed: whether the lowest value is in the last cell.
    """

    low: float
    high: float
    cells: int
    is_logarithmic: bool = False
    is_reversed: bool = False

    def place(self, value: float) -> int:
        """Return the cell of a value, counted from 0; the first or the last one for a value outside."""
        if self.is_logarithmic:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        share = min(1.0, max(0.0, share))
        return round((1 - share if self.is_reversed else share) * (self.cells - 1))

    def list_ticks(self, most: int) -> list[float]:
        """Return round values from low to high, about `most` of them: from 0.61 to 0.88, 0.65, 0.7, 0.75 and so on."""
        if self.is_logarithmic:
            return _list_powers(self.low, self.high, most)
        rough = (self.high - self.low) / max(1, most)
        power = 10 ** math.floor(math.log10(rough))
        step = next(each * power for each in _ROUND if each * power >= _NEARLY * rough)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def fit(values: Collection[float], cells: int, *, is_reversed: bool = False) -> Scale:
    """Return a linear scale with the lowest value in the first cell and the highest in the last."""
    low, high = min(values), max(values)
    if not high > low:
        low, high = low - 0.05 * (abs(low) or 1), high + 0.05 * (abs(high) or 1)
    return Scale(low, high, cells, is_reversed=is_reversed)


def fit_costs(values: Collection[float], cells: int) -> Scale:
    """Return a scale of these values, logarithmic if they differ by more than a factor of twenty."""
    low, high = min(values), max(values)
    if low > 0 and high / low > _WIDE:
        return Scale(low, high, cells, is_logarithmic=True)
    return fit(values, cells)


def format_ticks(ticks: Sequence[float]) -> list[str]:
    """Return ticks as texts, with as many decimals as the longest needs; each with its own if they are powers."""
    texts = [f"{tick:,.10f}".rstrip("0").rstrip(".") for tick in ticks]
    steps = {round(later - earlier, 12) for earlier, later in pairwise(ticks)}
    if len(steps) > 1:
        return texts
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    return [f"{tick:,.{decimals}f}" for tick in ticks]


def _list_powers(low: float, high: float, most: int) -> list[float]:
    """Return 1, 2 and 5 times the powers of ten from low to high; only the powers themselves if there are many."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = {float(f"{each}e{exponent}"): each == 1 for exponent in exponents for each in _ROUND_POWERS}
    inside = [value for value in found if low * 0.999 <= value <= high * 1.001]
    powers = [value for value in inside if found[value]]
    return inside if len(inside) <= most or len(powers) < 2 else powers
