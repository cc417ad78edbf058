"""Leaderboards on a terminal: what is ranked with what, and what is said of those that are not."""

from typing import Any

import pytest

from factories import make_definition
from pipeline.cli import leaderboard, output

TESTING_SET = {
    "digest": "3f2a9c81" + "0" * 56,
    "collection": "default",
    "examples": 43,
    "first": "1993-04-17T02:11:00+00:00",
    "last": "1993-04-23T23:58:12+00:00",
}
FOLDS = {"digest": "77" * 32, "examples": 71, "folds": 5}


def make_row(label: str, **overrides: Any) -> dict[str, Any]:
    """Return a row of the ledger, trained; it is ranked by its accuracy unless told otherwise."""
    accuracy = overrides.get("accuracy", 0.9)
    return {
        "label": label,
        "state": "trained",
        "duplicate_of": None,
        "error": None,
        "definition": make_definition().to_dict(),
        "metric": "accuracy",
        "score": accuracy,
        "deviation": None,
        "choice_macro_f1": 0.8,
        "validation_set": None,
        "accuracy": accuracy,
        "macro_f1": 0.8,
        "accuracy_interval": [0.8, 0.95],
        "baseline_accuracy": 0.5,
        "gain": 0.4,
        "marks": [],
        "testing_set": TESTING_SET,
        "training_seconds": 1.25,
        "size_bytes": 1_400_000,
    } | overrides


def test_a_leaderboard_of_80_columns_shows_whole_labels_and_recipes(screen: Any) -> None:
    shown = screen(80)
    rows = [
        make_row(f"word2vec-svm-{number:012}", definition=make_definition(sequence_length=number + 1).to_dict())
        for number in range(2)
    ]

    leaderboard.print_leaderboard(rows)

    assert "word2vec-svm-000000000001" in shown.getvalue()
    assert "sequence_length=2" in shown.getvalue()


@pytest.mark.parametrize("value", ["[/x]", "[bold]loud", "\\[/x] hello", "[red]"])
def test_what_looks_like_markup_is_printed_as_it_is(screen: Any, value: str) -> None:
    shown = screen(200)

    output.print_table(("text",), [(value,)], title=value)
    leaderboard.print_leaderboard([make_row("a", error=value)])

    assert shown.getvalue().count(value) == 3


def test_a_duplicate_has_no_row_of_its_own_and_names_its_original(screen: Any) -> None:
    shown = screen(120)

    leaderboard.print_leaderboard([make_row("a"), make_row("b", state="duplicate", duplicate_of="a")])

    assert shown.getvalue().count("0.900") == 1
    assert "b: the same model as a" in shown.getvalue()


def test_an_error_of_many_is_printed_once(screen: Any) -> None:
    shown = screen(200)
    failed = {"accuracy": None, "marks": None, "state": "failed"}

    leaderboard.print_leaderboard(
        [
            make_row("a", error="a: no words", **failed),
            make_row("b", error="b: no words", **failed),
            make_row("c", error="model: of one class", **failed),
        ]
    )

    assert shown.getvalue().count("no words") == 1
    assert "a and 1 more: no words" in shown.getvalue()
    assert "c: model: of one class" in shown.getvalue()


def test_definitions_that_were_stopped_are_counted_by_what_stopped_them(screen: Any) -> None:
    shown = screen(200)
    stopped = {"accuracy": None, "marks": None, "state": "stopped"}

    leaderboard.print_leaderboard(
        [
            make_row("a", error="rung 1 of 2", budget=None, **stopped),
            make_row("b", error="rung 2 of 2", budget=None, **stopped),
            make_row("c", error="not begun within", budget="max_minutes", **stopped),
        ]
    )

    text = shown.getvalue()
    assert "stopped by the search: 2 definitions" in text
    assert "stopped by max_minutes: 1 definition;" in text
    assert "label" not in text  # no table without a row


def test_a_leaderboard_tells_what_its_models_were_tested_on(screen: Any) -> None:
    shown = screen(200)

    leaderboard.print_leaderboard([make_row("a"), make_row("b", accuracy=None, marks=None, state="failed")])

    text = shown.getvalue()
    assert "testing set 3f2a9c81: 43 examples of collection default, 1993-04-17T02:11 to 1993-04-23T23:58" in text
    assert "do not compare" not in text
    assert "accuracy above always answering the training set's majority class (0.500)" in text
    assert [line.split()[:2] for line in text.splitlines()[1:3]] == [["1", "a"], ["–", "b"]]


def test_models_of_different_testing_sets_are_ranked_apart(screen: Any) -> None:
    shown = screen(200)
    other = TESTING_SET | {"digest": "abcdef01" + "0" * 56, "collection": "news"}
    rows = [
        make_row("a", accuracy=0.8),
        make_row("b", accuracy=0.99, testing_set=other, baseline_accuracy=0.9),
        make_row("c", accuracy=0.9),
        make_row("d", accuracy=None, marks=None, testing_set=None, state="failed"),
    ]

    leaderboard.print_leaderboard(rows, "run x")

    text = shown.getvalue()
    assert "Scores do not compare across testing sets" in text
    ranks = [line.split()[:2] for line in text.splitlines() if line[:1] in ("1", "2", "–")]
    assert ranks == [["1", "c"], ["2", "a"], ["1", "b"], ["–", "d"]]
    assert text.index("testing set 3f2a9c81") < text.index("testing set abcdef01: 43 examples of collection news")
    assert "majority class (0.900)" in text


def test_models_that_were_trained_on_other_sets_have_gains_over_other_baselines(screen: Any) -> None:
    shown = screen(200)

    leaderboard.print_leaderboard([make_row("a", baseline_accuracy=0.7), make_row("b", baseline_accuracy=0.3)])

    assert "majority class (0.300, 0.700)" in shown.getvalue()


def test_a_model_of_before_testing_sets_were_written_down_is_printed(screen: Any) -> None:
    shown = screen(200)

    leaderboard.print_leaderboard([make_row("a", testing_set=None, baseline_accuracy=None, gain=None)])

    assert "testing set: unknown for these models" in shown.getvalue()


def test_what_speaks_against_a_model_is_printed_with_what_it_means(screen: Any) -> None:
    shown = screen(200)

    leaderboard.print_leaderboard([make_row("a", marks=["one class", "below majority"]), make_row("b")])

    text = shown.getvalue()
    assert "one class, below majority" in text
    assert "below majority: always answering the majority class has a higher accuracy" in text
    assert "not converged" not in text


def test_the_best_is_the_one_that_other_examples_chose(screen: Any) -> None:
    shown = screen(200)
    rows = [
        make_row("a", accuracy=0.95, score=0.8, deviation=0.012, validation_set=FOLDS),
        make_row("b", accuracy=0.90, score=0.9, deviation=0.034, validation_set=FOLDS),
    ]

    leaderboard.print_leaderboard(rows, "run x")

    text = shown.getvalue()
    assert [line.split()[:5] for line in text.splitlines() if line[:1] in ("1", "2")] == [
        ["1", "b", "0.900", "±", "0.034"],
        ["2", "a", "0.800", "±", "0.012"],
    ]
    assert "accuracy, folds" in text
    assert "chosen by accuracy in 5 folds of 71 training examples" in text
    assert leaderboard.find_best(rows)["label"] == "b"


def test_a_lower_log_loss_is_better(screen: Any) -> None:
    shown = screen(200)
    rows = [
        make_row("a", metric="log_loss", score=0.5),
        make_row("b", metric="log_loss", score=0.4),
    ]

    leaderboard.print_leaderboard(rows)

    assert [line.split()[:3] for line in shown.getvalue().splitlines() if line[:1] in ("1", "2")] == [
        ["1", "b", "0.400"],
        ["2", "a", "0.500"],
    ]


def test_a_leaderboard_that_its_own_testing_set_chose_says_so(screen: Any) -> None:
    shown = screen(200)

    leaderboard.print_leaderboard([make_row("a")])

    assert "chosen by accuracy on this same testing set, which flatters the best" in shown.getvalue()


def test_models_that_were_chosen_in_other_ways_are_ranked_apart(screen: Any) -> None:
    shown = screen(200)
    held = {"digest": "88" * 32, "examples": 18, "folds": None}
    rows = [make_row("a"), make_row("b", validation_set=held), make_row("c", validation_set=FOLDS)]

    leaderboard.print_leaderboard(rows)

    assert [line[:1] for line in shown.getvalue().splitlines() if line[:1].isdigit()] == ["1", "1", "1"]
    assert "on 18 examples held back from training" in shown.getvalue()


def test_a_model_that_the_metric_cannot_rank_comes_after_the_others_and_before_what_has_no_model(screen: Any) -> None:
    shown = screen(200)
    unknown = {"metric": "log_loss", "score": None}
    rows = [
        make_row("z", accuracy=None, marks=None, state="failed", testing_set=None),
        make_row("y", accuracy=None, marks=None, state="failed", testing_set=None),
        make_row("b", accuracy=0.0, **unknown),
        make_row("a", metric="log_loss", score=0.5),
    ]

    leaderboard.print_leaderboard(rows)

    assert [line.split()[1] for line in shown.getvalue().splitlines() if line[:1] in ("1", "2", "–")] == [*"abzy"]
    assert leaderboard.find_best(rows)["label"] == "a"
