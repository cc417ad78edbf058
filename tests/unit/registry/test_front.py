"""The front: a model is on it if no other scores at least as well without costing more."""

from hypothesis import given
from hypothesis import strategies as st

from fuzzing import tries
from pipeline.registry.front import find_front

POINTS = st.lists(st.tuples(st.integers(0, 6).map(float), st.integers(0, 6).map(float)), max_size=12)


def beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one != other and one[0] <= other[0] and one[1] >= other[1]


@tries(200)
@given(POINTS)
def test_the_front_is_what_no_other_point_beats(points: list[tuple[float, float]]) -> None:
    front = find_front(points)

    unbeaten = {place for place, each in enumerate(points) if not any(beats(other, each) for other in points)}
    assert set(front) == unbeaten
    assert [points[place] for place in front] == sorted(points[place] for place in front)


def test_a_dearer_model_of_the_same_score_is_not_on_the_front() -> None:
    assert find_front([(2.0, 0.9), (1.0, 0.9), (3.0, 0.95), (2.5, 0.8)]) == [1, 2]


def test_nothing_has_no_front() -> None:
    assert find_front([]) == []
