"""Boxes: what is taken away and what is left are disjoint, and together all there was."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from pipeline.plans.space.boxes import Box, count, intersect, subtract, subtract_all, weigh

CHOICES = st.frozensets(st.integers(0, 4), max_size=4)
BOXES = st.lists(CHOICES.filter(bool), min_size=1, max_size=4).map(tuple)
Restriction = dict[int, frozenset[int]]


@st.composite
def restricted_boxes(draw: st.DrawFn) -> tuple[Box, list[Restriction]]:
    """Draw a box and restrictions of some of its dimensions."""
    box = draw(BOXES)
    dimensions = st.lists(st.sampled_from(range(len(box))), unique=True).map(sorted)
    restrictions = [{number: draw(CHOICES) for number in draw(dimensions)} for _ in range(draw(st.integers(1, 3)))]
    return box, restrictions


def list_inside(box: Box) -> list[tuple[int, ...]]:
    return [*product(*box)]


def meets(choices: tuple[int, ...], restriction: Restriction) -> bool:
    return all(choices[number] in meant for number, meant in restriction.items())


@given(restricted_boxes())
def test_the_part_that_a_restriction_means_holds_what_meets_it(case: tuple[Box, list[Restriction]]) -> None:
    box, (restriction, *_) = case

    part = intersect(box, restriction)

    met = {choices for choices in list_inside(box) if meets(choices, restriction)}
    assert (set(list_inside(part)) if part else set()) == met
    assert part is None or all(part)


@given(restricted_boxes())
def test_the_pieces_left_are_disjoint_and_hold_the_rest(case: tuple[Box, list[Restriction]]) -> None:
    box, (restriction, *_) = case

    pieces = subtract(box, restriction)

    left = [choices for piece in pieces for choices in list_inside(piece)]
    assert len(left) == len(set(left))
    assert set(left) == {choices for choices in list_inside(box) if not meets(choices, restriction)}
    assert all(all(piece) for piece in pieces)


@given(restricted_boxes())
def test_taking_several_away_leaves_what_meets_none(case: tuple[Box, list[Restriction]]) -> None:
    box, restrictions = case
    pieces = [box]
    for restriction in restrictions:
        pieces = subtract_all(pieces, restriction)

    left = [choices for piece in pieces for choices in list_inside(piece)]

    assert len(left) == len(set(left)) == sum(map(count, pieces))
    assert set(left) == {
        choices for choices in list_inside(box) if not any(meets(choices, each) for each in restrictions)
    }


@given(BOXES, st.data())
def test_a_box_weighs_what_its_lists_with_repetitions_have_permutations(box: Box, data: st.DataObject) -> None:
    weights = [{choice: data.draw(st.integers(1, 3)) for choice in sorted(choices)} for choices in box]
    lists = [[choice for choice, times in weight.items() for _ in range(times)] for weight in weights]

    assert weigh(box, weights) == len([*product(*lists)])
    assert count(box) == len(list_inside(box))
