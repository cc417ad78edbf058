"""Examples of one moment: their order is drawn, the same everywhere, and knows nothing of the classes."""

import random
from collections import Counter
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.examples.ties import order_ties

Row = tuple[int, str, str, bytes]

# few of each, so that moments, texts and whole rows are equal now and then
moments = st.integers(0, 2)
texts = st.sampled_from(["", "a", "b", "ab", "apple", "ärger", "zebra"])
names = st.sampled_from(["ham", "spam", "zeta"])
rows = st.lists(st.tuples(moments, texts, names), max_size=40)


def order(found: list[tuple[int, str, str]]) -> list[Row]:
    """Return rows in order of time, those of one moment in the order under test."""
    ordered = sorted(found, key=lambda row: row[0])
    columns = [list(column) for column in zip(*ordered, strict=True)] or [[], [], []]
    digests = [repr(row).encode() for row in ordered]
    order_ties(columns[0], columns[1], columns[2], digests)
    return list(zip(*columns, digests, strict=True))


@settings(deadline=None)
@given(rows, st.randoms())
def test_the_order_in_which_rows_come_decides_nothing(found: list[tuple[int, str, str]], draw: random.Random) -> None:
    shuffled = draw.sample(found, len(found))

    assert order(shuffled) == order(found)


@settings(deadline=None)
@given(rows)
def test_each_row_stays_whole_and_at_its_moment(found: list[tuple[int, str, str]]) -> None:
    ordered = order(found)

    assert sorted(row[:3] for row in ordered) == sorted(found)
    assert [row[0] for row in ordered] == sorted(row[0] for row in found)
    assert all(digest == repr((moment, text, name)).encode() for moment, text, name, digest in ordered)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=8), names), max_size=30, unique_by=lambda row: row[0]),
    st.permutations(["ham", "spam", "zeta"]),
)
def test_classes_that_are_renamed_move_no_row(found: list[tuple[str, str]], renamed: list[str]) -> None:
    new = dict(zip(["ham", "spam", "zeta"], renamed, strict=True))

    before = order([(0, text, name) for text, name in found])
    after = order([(0, text, new[name]) for text, name in found])

    assert [text for _, text, _, _ in after] == [text for _, text, _, _ in before]


@pytest.mark.parametrize("named", [("ham", "spam"), ("spam", "ham")], ids=" before ".join)
def test_of_equal_texts_either_class_comes_first(named: tuple[str, str]) -> None:
    ordered = order([(0, f"text {number}", name) for number in range(400) for name in named])

    firsts = Counter(next(group)[2] for _, group in groupby(ordered, key=lambda row: row[1]))
    assert 160 < firsts["ham"] < 240


def test_copies_of_a_text_are_spread_and_not_one_block() -> None:
    ordered = order([(0, f"the text of {name}", name) for name in ("ham", "spam", "zeta") for _ in range(50)])

    for start in (0, 45, 105):
        part = Counter(name for _, _, name, _ in ordered[start : start + 45])
        assert min(part[name] for name in ("ham", "spam", "zeta")) >= 7


def test_the_order_is_the_same_on_every_machine() -> None:
    ordered = order([(0, f"text {number}", "a") for number in range(8)])

    assert [text[-1] for _, text, _, _ in ordered] == [*"57342160"]
