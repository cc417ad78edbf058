"""The pictures of a model: bars by class, confusions, and reliability."""

from typing import Any

from pipeline.cli.pictures.model import LARGEST, print_classes, print_confusions, print_model, print_reliability


def make_score(f1: float, support: int = 10) -> dict[str, Any]:
    return {"precision": 0.5, "recall": 0.25, "f1": f1, "support": support}


def test_all_classes_are_drawn_the_worst_first_with_bars_as_long_as_their_scores(draw_in: Any) -> None:
    shown = draw_in(None)

    print_classes({"good": make_score(1), "poor": make_score(0.25, 1), "none": make_score(0), "fair": make_score(0.5)})

    _, title, *lines, conclusion = shown.getvalue().splitlines()
    bars = [line.count("█") for line in lines]
    assert title == "F1 by class, with the number of testing examples"
    assert [line.split()[0] for line in lines] == ["none", "poor", "fair", "good"]
    assert bars[0] == 0
    assert bars[3] > 50
    assert [abs(4 * bars[1] - bars[3]) < 4, abs(2 * bars[2] - bars[3]) < 2] == [True, True]
    assert lines[1].split()[-2:] == ["0.250", "1"]
    assert conclusion == "The lowest is none: F1 0.000, precision 0.500, recall 0.250, of 10 testing examples."


def test_the_largest_confusions_come_first(draw_in: Any) -> None:
    shown = draw_in(None)

    print_confusions(["a", "b", "c"], [[8, 2, 0], [4, 0, 0], [1, 0, 9]])

    lines = shown.getvalue().splitlines()
    rows = [line.replace("█", "").split() for line in lines[2:5]]
    assert [[*row[:3], *row[-3:]] for row in rows] == [
        ["b", "→", "a", "4", "100", "%"], ["a", "→", "b", "2", "20", "%"], ["c", "→", "a", "1", "10", "%"],
    ]  # fmt: skip
    assert lines[2].count("█") in {2 * lines[3].count("█"), 2 * lines[3].count("█") + 1}
    assert lines[-1] == (
        "Most often b is answered as a: 4 examples, 100 % of the class. Drawn are 100 % of 7 wrong answers."
    )


def test_of_many_confusions_the_largest_are_drawn(draw_in: Any) -> None:
    shown = draw_in(None)
    names = [f"class-{number}" for number in range(5)]

    print_confusions(names, [[0 if row == column else 1 for column in range(5)] for row in range(5)])

    assert shown.getvalue().count("→ class") == LARGEST
    assert "Drawn are 50 % of 20 wrong answers." in shown.getvalue()


def test_no_confusion_is_told(draw_in: Any) -> None:
    shown = draw_in(None)

    print_confusions(["a", "b"], [[3, 0], [0, 0]])

    assert shown.getvalue().strip() == "It confuses no two classes of the testing set."


def test_reliability_is_drawn_beside_the_line_on_which_both_are_equal(draw_in: Any) -> None:
    shown = draw_in(None)
    groups = [
        {"count": 2, "confidence": 0.0, "accuracy": 1.0},
        {"count": 98, "confidence": 1.0, "accuracy": 0.5},
    ]

    print_reliability({"reliability": groups, "calibration_error": 0.51})

    lines = [line[5:] for line in shown.getvalue().splitlines()[2:13]]
    assert lines[0][0] == "○"
    assert lines[5][-1] == "●"
    assert [line.index("·") for line in lines] == sorted((line.index("·") for line in lines), reverse=True)
    assert shown.getvalue().splitlines()[-1] == (
        "On average it is 98.0 % sure, and 51.0 % of its answers are right; the mean distance from the line is 0.510 "
        "(expected calibration error)."
    )


def test_a_model_without_probabilities_has_no_reliability(draw_in: Any) -> None:
    shown = draw_in(None)

    print_model({"per_class": {"a": make_score(1)}, "classes": ["a"], "confusion_matrix": [[9]]}, None)

    assert shown.getvalue().splitlines()[-1].startswith("Without probabilities there is no picture of reliability")


def test_a_class_cannot_steer_the_terminal_with_its_name(draw_in: Any) -> None:
    shown = draw_in(None)
    name = "[red]\x1b[2J\nspam"

    print_classes({name: make_score(0.5)})
    print_confusions([name, "b"], [[0, 1], [0, 0]])

    assert "\x1b" not in shown.getvalue()
    assert "[red]\\u001b[2J spam" in shown.getvalue()
