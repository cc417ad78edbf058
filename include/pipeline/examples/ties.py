"""The order of examples of one moment, drawn from their texts so that neither a class nor a database decides it."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, islice
from operator import eq
from typing import Any


def order_ties(moments: Sequence[int], texts: list[str], classifications: list[str], digests: list[bytes]) -> None:
    """Reorder rows of one moment as `ExampleSet` requires, in place; the rows must be sorted by moment."""
    if not any(map(eq, moments, islice(moments, 1, None))):
        return
    start = 0
    for _, run in groupby(moments):
        end = start + sum(1 for _ in run)
        if end - start > 1:
            ties = slice(start, end)
            draws = _draw(texts[ties], classifications[ties])
            order = [start + place for place in sorted(range(end - start), key=draws.__getitem__)]
            for column in (texts, classifications, digests):
                _reorder(column, ties, order)
        start = end


def _draw(texts: Sequence[str], classifications: Sequence[str]) -> list[bytes]:
    """Return a pseudo-random sort key for each row, the same on every machine and for every key ring.

    Only the text decides, so renaming a class moves no row. Copies of equal rows are numbered and drawn separately: a
    text that a third of the rows have is in about a third of every part of them. The class decides only between equal
    texts of several classes, by its digest and not by the alphabet.
    """
    copies: Counter[tuple[str, str]] = Counter()
    draws = []
    for row in zip(texts, classifications, strict=True):
        draws.append(_digest(f"tie {copies[row]}:{row[0]}"))
        copies[row] += 1
    if len({*draws}) < len(draws):
        return [draw + _digest(f"{draw.hex()}:{name}") for draw, name in zip(draws, classifications, strict=True)]
    return draws


def _digest(written: str) -> bytes:
    return hashlib.sha256(written.encode(errors="surrogatepass")).digest()


def _reorder(column: list[Any], ties: slice, order: Sequence[int]) -> None:
    column[ties] = [column[row] for row in order]
