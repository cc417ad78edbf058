"""The rungs of a search, counted back from the whole."""

from typing import Any

import pytest

from pipeline.search.rungs import list_rungs
from pipeline.search.settings import Search


def describe(count: int, **options: Any) -> list[tuple[float, int, int]]:
    return [(round(1 / rung.part), rung.entrants, rung.places) for rung in list_rungs(count, Search(**options))]


@pytest.mark.parametrize(
    ("count", "rungs"),
    [
        (48, [(9, 48, 16), (3, 16, 5)]),
        (1_000, [(9, 1_000, 333), (3, 333, 111)]),
        (9, [(9, 9, 3), (3, 3, 1)]),
        (8, [(3, 8, 2)]),
        (3, [(3, 3, 1)]),
        (2, []),
        (1, []),
        (0, []),
    ],
)
def test_a_third_goes_on_from_each_rung(count: int, rungs: list[tuple[float, int, int]]) -> None:
    assert describe(count) == rungs


def test_no_rung_is_smaller_than_the_smallest() -> None:
    assert describe(1_000, smallest=0.5) == []
    assert describe(1_000, factor=2, smallest=0.5) == [(2, 1_000, 500)]
    assert describe(1_000, smallest=0.3) == [(3, 1_000, 333)]
    assert [part for part, *_ in describe(1_000, smallest=0.01)] == [81, 27, 9, 3]


def test_whoever_goes_on_enters_the_next_rung() -> None:
    for count in range(200):
        for factor in range(2, 11):
            rungs = list_rungs(count, Search(factor=factor, smallest=0.001))
            assert [rung.places for rung in rungs[:-1]] == [rung.entrants for rung in rungs[1:]]
            assert all(rung.places >= 1 for rung in rungs)
