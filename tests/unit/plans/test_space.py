"""The example in the docstring of `Space` is true."""

from factories import make_plan
from pipeline.plans.contents import Contents, read_contents
from pipeline.plans.findings import Findings
from pipeline.plans.space import Space

BLOCKS = [
    {"name": "Word2VecAdapter", "options": {"sequence_length": [50, 100, 200], "window": [3, 5]}},
    {"name": "Word2VecAdapter", "options": {"sequence_length": [200, 400], "window": [5, 8]}},
]
RULE = {"adapter.options.sequence_length": 100, "adapter.options.window": 5}
PLAN = make_plan(adapter=BLOCKS, model__options={}) | {"exclude": [RULE]}
ADAPTER = 1


def make_space() -> Space:
    findings = Findings()
    contents = read_contents(PLAN, findings)
    assert findings.clean
    assert isinstance(contents, Contents)
    return Space(contents.sections, contents.rules)


def test_the_permutations_of_the_example_add_up() -> None:
    space = make_space()

    assert (space.permutations, space.definitions, space.repeated) == (10, 8, 1)
    assert (space.excluded, space.matched) == ([1], [1])


def test_the_pieces_of_the_example_are_those_that_are_drawn() -> None:
    pieces = make_space().pieces

    values = [
        (piece.block(ADAPTER).path, values["sequence_length"], values["window"])
        for piece in pieces
        if (values := piece.list_values(ADAPTER))
    ]
    assert sorted(values) == [
        ("adapter[0]", [50, 200], [3, 5]),
        ("adapter[0]", [100], [3]),
        ("adapter[1]", [200], [8]),
        ("adapter[1]", [400], [5, 8]),
    ]


def test_the_pieces_of_the_example_are_listed_in_the_plans_order() -> None:
    points = [permutation[ADAPTER] for permutation in make_space().list_permutations()]

    assert [(point.options["sequence_length"], point.options["window"]) for point in points] == [
        (50, 3),
        (50, 5),
        (100, 3),
        (200, 3),
        (200, 5),
        (200, 8),
        (400, 5),
        (400, 8),
    ]


def test_a_space_lists_a_point_of_a_section_once() -> None:
    points = [*make_space().list_points(0, 10, lambda _: True)]

    assert len(points) == 1  # all four pieces have the one dataset
