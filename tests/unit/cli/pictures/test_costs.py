"""Score by training seconds: where each model is, how it is marked, and what is worth its cost."""

import re
from itertools import pairwise
from typing import Any

import pytest

from pictures_found import make_found, make_model
from pipeline.cli.pictures.costs import print_costs

BEST = make_model("best", 10, 0.9, best=True)
TIE = make_model("tie", 5, 0.85, tie=True)
CHEAP = make_model("cheap", 0, 0.5)
POOR = make_model("poor", 10, 0.5)


def draw(shown: Any, found: dict[str, Any]) -> tuple[list[str], str]:
    """Return the lines of the picture without its axes, and the sentence below."""
    print_costs(found)
    lines = shown.getvalue().splitlines()
    return [re.split("[│┤]", line, maxsplit=1)[1] for line in lines[2:17]], lines[-1]


def test_each_model_is_at_its_cost_and_score_with_its_mark(draw_in: Any) -> None:
    lines, conclusion = draw(draw_in(None), make_found(BEST, TIE, CHEAP, POOR))

    last = len(lines[0]) - 1
    assert lines[0][last] == "●"
    assert lines[2][round(last / 2)] == "○"
    assert (lines[14][0], lines[14][last]) == ("◆", "·")
    assert conclusion == "The cheapest that ties with the best is tie (5.0 s, 0.850); the best is best (10 s, 0.900)."


def test_the_front_goes_from_model_to_model_in_steps(draw_in: Any) -> None:
    lines, _ = draw(draw_in(None), make_found(BEST, TIE, CHEAP, POOR))

    middle = lines[2].index("○")
    assert lines[14][1:middle] == "─" * (middle - 1)
    assert lines[14][middle] == "┘"
    assert {line[middle] for line in lines[3:14]} == {"│"}
    assert lines[2][middle + 1 :] == "─" * (len(lines[2]) - middle - 2) + "┘"


def test_if_a_lower_score_is_better_the_best_is_at_the_top_all_the_same(draw_in: Any) -> None:
    found = make_found(BEST | {"score": 0.1}, POOR, title="log loss", lower_is_better=True)

    lines, conclusion = draw(draw_in(None), found)

    assert "●" in lines[0]
    assert "·" in lines[14]
    assert conclusion == "Nothing cheaper ties with the best, best (10 s, 0.100)."


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ([BEST], "The only model is best (10 s, 0.900)."),
        ([BEST, TIE | {"training_seconds": 20}, CHEAP], "Nothing cheaper ties with the best, best (10 s, 0.900)."),
        (
            [BEST | {"tie": None}, TIE | {"tie": None}],
            "The best is best (10 s, 0.900); whether others tie with it is not known, because their answers are not "
            "stored.",
        ),
    ],
    ids=["one", "ties cost more", "unknown"],
)
def test_the_sentence_says_what_is_worth_its_cost(draw_in: Any, models: list[dict[str, Any]], expected: str) -> None:
    models = [models[0] | {"tie": None}, *models[1:]]

    _, conclusion = draw(draw_in(None), make_found(*models))

    assert conclusion == expected


def test_costs_of_several_magnitudes_are_drawn_by_their_factors(draw_in: Any) -> None:
    shown = draw_in(None)
    models = [make_model(f"m{power}", 10.0**power, 0.5 + power / 10) for power in range(4)]

    lines, _ = draw(shown, make_found(models[3] | {"best": True}, *models[:3]))

    assert "Accuracy by training seconds, each step the same factor" in shown.getvalue()
    columns = [line.index(mark) for line in lines for mark in "●◆" if mark in line]
    assert len(columns) == 4
    assert all(abs(one - other - columns[0] / 3) <= 1 for one, other in pairwise(columns))
