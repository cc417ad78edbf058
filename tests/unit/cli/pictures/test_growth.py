"""How scores grew: a column for each step, a mark for each definition."""

from typing import Any

from pictures_found import make_found, make_model
from pipeline.cli.pictures.growth import print_growth


def step(at: float, score: float) -> dict[str, float]:
    return {"at": at, "score": score}


def find(line: str, mark: str) -> list[int]:
    return [column for column, character in enumerate(line) if character == mark]


def test_a_search_has_a_column_for_each_part_and_one_for_what_was_trained_in_full(draw_in: Any) -> None:
    shown = draw_in(None)
    best = make_model("best", 1, 0.9, best=True, steps=[step(0.1, 0.6), step(0.3, 0.8)])
    full = make_model("full", 1, 0.8, steps=[step(0.1, 0.7), step(0.3, 0.7)])
    stopped = make_model("stopped", 1, None, model=None, state="stopped", steps=[step(0.1, 0.5)])

    print_growth(make_found(best, full, stopped, steps_of="parts"))

    title, *lines = shown.getvalue().splitlines()[1:]
    begin = lines[1].index("│") + 1
    room = (80 - begin) // 3
    places = {
        mark: [(row, column - begin) for row, line in enumerate(lines[:12]) for column in find(line, mark)]
        for mark in "●◆·"
    }
    assert title == "How accuracy grew in the search"
    assert places == {
        "●": [(0, 2 * room), (3, room), (8, 0)],
        "◆": [(3, 2 * room), (6, 0), (6, room)],
        "·": [(11, 0)],
    }
    assert lines[13].split() == ["10", "%", "30", "%", "in", "full"]
    assert lines[-1] == (
        "2 of 3 definitions were trained in full; the best of them, best, was number 2 of 3 with 10 % of the training "
        "set. What was trained in full is scored on the examples that choose, which are not those that compare trials."
    )


def test_folds_show_how_much_a_score_depends_on_its_examples(draw_in: Any) -> None:
    shown = draw_in(None)
    best = make_model("best", 1, 0.8, best=True, steps=[step(1, 0.7), step(2, 0.9)])
    other = make_model("other", 1, 0.6, steps=[step(1, 0.5), step(2, 0.7)])

    print_growth(make_found(best, other, steps_of="folds"))

    lines = shown.getvalue().splitlines()
    assert lines[1] == "The accuracy of each fold"
    assert lines[15].split() == ["fold", "1", "fold", "2"]
    assert lines[-1] == (
        "best, the best, scores 0.700 to 0.900 from fold to fold; the means of all 2 models are 0.600 to 0.800."
    )


def test_more_marks_than_have_room_are_told(draw_in: Any) -> None:
    shown = draw_in(None)
    models = [make_model(f"m{number}", 1, 0.5, steps=[step(fold, 0.5) for fold in range(9)]) for number in range(9)]

    print_growth(make_found(models[0] | {"best": True}, *models[1:], steps_of="folds"))

    assert "●·····+ ●·····+" in shown.getvalue()
    assert "+ more than there is room for" in shown.getvalue()


def test_without_steps_nothing_is_drawn(draw_in: Any) -> None:
    shown = draw_in(None)

    print_growth(make_found(make_model("m", 1, 0.5)))

    assert shown.getvalue() == ""
