"""A sample is drawn evenly, and the same each time."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from factories import make_plan
from pipeline.plans import expand
from pipeline.plans.space.draw import draw_indexes

SEEDS = st.integers(0, 2**32 - 1)
TEN = list(range(1, 11))


@given(count=st.integers(1, 10**30), size=st.integers(1, 200), seed=SEEDS)
def test_drawn_numbers_are_different_and_below_the_count(count: int, size: int, seed: int) -> None:
    drawn = draw_indexes(count, size, seed)

    assert len(set(drawn)) == len(drawn) == min(size, count)
    assert 0 <= min(drawn) <= max(drawn) < count
    assert drawn == draw_indexes(count, size, seed)


@given(count=st.integers(1, 10**15), size=st.integers(1, 100), more=st.integers(1, 100), seed=SEEDS)
def test_drawing_more_goes_on_where_drawing_fewer_ends(count: int, size: int, more: int, seed: int) -> None:
    assert draw_indexes(count, size + more, seed)[:size] == draw_indexes(count, size, seed)


@given(count=st.integers(1, 300), seed=SEEDS)
def test_drawing_all_gives_each_number_once(count: int, seed: int) -> None:
    assert sorted(draw_indexes(count, count, seed)) == [*range(count)]


def test_drawn_numbers_are_the_same_on_every_machine() -> None:
    assert draw_indexes(10**12, 3, 7) == [660_568_315_427, 901_531_455_612, 870_417_941_960]


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw_indexes(0, 5, 1) == []


def test_another_seed_draws_another_sample() -> None:
    plan = make_plan(adapter__options={"sequence_length": TEN, "window": TEN}, sample=10)

    samples = {
        tuple(definition.label for definition in expand(plan | {"seed": seed}).definitions) for seed in range(50)
    }

    assert len(samples) == 50


def test_each_definition_is_drawn_as_often_as_any_other() -> None:
    plan = make_plan(adapter__options__sequence_length=TEN, model__options={}, sample=3)

    drawn = Counter(
        definition.label for seed in range(1_000) for definition in expand(plan | {"seed": seed}).definitions
    )

    # 3 of 10, a thousand times: 300 each, with a standard deviation of 14.5
    assert len(drawn) == 10
    assert 240 < min(drawn.values()) <= max(drawn.values()) < 360


def test_each_definition_of_a_plan_in_pieces_is_drawn_as_often_as_any_other() -> None:
    blocks = [{"name": "Word2VecAdapter", "options": {"sequence_length": some}} for some in (TEN[:6], TEN[3:])]
    rules = [{"adapter.options.sequence_length": 5, "model.options.degree": 4}]
    plan = make_plan(adapter=blocks, exclude=rules, sample=4)

    drawn = Counter(
        definition.label for seed in range(1_000) for definition in expand(plan | {"seed": seed}).definitions
    )

    # 4 of 19, a thousand times: 210.5 each, with a standard deviation of 12.9
    assert len(drawn) == 19
    assert 158 < min(drawn.values()) <= max(drawn.values()) < 263
