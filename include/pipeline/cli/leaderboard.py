"""Leaderboards: models ranked among those that were chosen and tested on the same examples."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.cli.choice import describe_choice, format_score, has_own_score, title_score
from pipeline.cli.output import print_line, print_table
from pipeline.errors import PipelineError
from pipeline.plans.differences import Key, differing_options, format_differences
from pipeline.plans.metric import parse_metric
from pipeline.plans.wording import count_of
from pipeline.stores.models.leaderboard import group_by_sets
from pipeline.training.marks import MARKS

_SCORE = "score"
COLUMNS = ("", "label", _SCORE, "accuracy", "recipe", "marks", "gain", "95 % interval", "macro F1", "seconds", "size")
_NAME_DIGITS = 8


def print_leaderboard(definitions: list[dict[str, Any]], title: str | None = None) -> None:
    """Print a run's definitions: one table per testing set, the best first, then those without a model.

    Those that the search or a budget has stopped are counted only.
    """
    listed = [row for row in definitions if not row["duplicate_of"] and row["state"] != "stopped"]
    differing = differing_options([row["definition"] for row in definitions])
    groups = group_by_sets(row for row in listed if row["accuracy"] is not None)
    untrained = [row for row in listed if row["accuracy"] is None]
    if title:
        print_line(title)
    if len(groups) > 1:
        print_line("Scores do not compare across testing sets, so each set has its own table.")
    for group in groups:
        rows = sorted(group, key=_rank) + (untrained if len(groups) == 1 else [])
        if len(groups) > 1:
            print_line("")
        _print_rows(rows, differing)
        print_line(describe_testing_set(group[0]["testing_set"]))
        print_line(describe_choice(group[0]))
        # models of one testing set may have been trained on sets of different majority classes
        baselines = {f"{row['baseline_accuracy']:.3f}" for row in group if row["baseline_accuracy"] is not None}
        if baselines:
            told = ", ".join(sorted(baselines))
            print_line(f"gain: accuracy above always answering the training set's majority class ({told})")
    if len(groups) != 1 and untrained:
        if groups:
            print_line("")
        _print_rows(untrained, differing)
    print_marks(definitions)
    _print_ends(definitions)


def find_best(definitions: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the best definition of a run by its metric, the first of its leaderboard.

    Raises:
        PipelineError: there is no model, or the models were tested on different examples.
    """
    groups = group_by_sets(row for row in definitions if row["accuracy"] is not None)
    if len(groups) != 1:
        what = "the run's models were judged on different examples, so none is the best" if groups else "no model"
        raise PipelineError("--alias", what, next_step="choose one: `pipeline aliases set NAME LABEL --why …`")
    return min(groups[0], key=_rank)


def describe_testing_set(testing_set: dict[str, Any] | None) -> str:
    """Return `testing set 3f2a9c81: 43 examples of collection default, 1993-04-17T02:11 to 1993-04-23T23:58`."""
    if testing_set is None:
        return "testing set: unknown for these models"
    text = f"testing set {name_testing_set(testing_set)}"
    if testing_set["examples"] is None:
        return text
    first, last = (testing_set[name][:16] for name in ("first", "last"))
    examples = count_of(testing_set["examples"], "example")
    return f"{text}: {examples} of collection {testing_set['collection']}, {first} to {last}"


def name_testing_set(testing_set: dict[str, Any] | None) -> str | None:
    """Return the first digits of a testing set's digest, which name it; None if it is unknown."""
    return testing_set["digest"][:_NAME_DIGITS] if testing_set else None


def print_marks(rows: Iterable[dict[str, Any]]) -> None:
    """Print the meaning of the marks in these rows."""
    found = {mark for row in rows for mark in row["marks"] or ()}
    for mark, meaning in MARKS.items():
        if mark in found:
            print_line(f"{mark}: {meaning}")


def format_marks(marks: Sequence[str] | None) -> str | None:
    """Return a model's marks as a table cell."""
    return ", ".join(marks) if marks else None


def format_interval(interval: list[float] | None) -> str | None:
    """Return an interval such as `0.862–0.971`."""
    return f"{interval[0]:.3f}–{interval[1]:.3f}" if interval else None


def format_size(size_bytes: int | None) -> str | None:
    """Return a size in a readable unit: `1.4 MB`."""
    if size_bytes is None:
        return None
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e6 else f"{size_bytes / 1e3:.0f} kB"


def _print_rows(definitions: Sequence[dict[str, Any]], differing: Sequence[Key]) -> None:
    rows = [_row(rank, definition, differing) for rank, definition in enumerate(definitions, 1)]
    columns = [column for column in COLUMNS if column != "marks" or any(row["marks"] for row in rows)]
    if all(row[_SCORE] is None for row in rows):
        columns.remove(_SCORE)
    titles = [title_score(definitions[0]) if column == _SCORE else column for column in columns]
    print_table(titles, [[row[column] for column in columns] for row in rows], fold="recipe")


def _print_ends(definitions: Sequence[dict[str, Any]]) -> None:
    reused = sum(row["state"] == "reused" for row in definitions)
    if reused:
        print_line(f"reused: {count_of(reused, 'model')} of earlier runs on the same examples")
    for definition in definitions:
        if definition["duplicate_of"]:
            print_line(f"{definition['label']}: the same model as {definition['duplicate_of']}")
    stopped = Counter(row["budget"] or "the search" for row in definitions if row["state"] == "stopped")
    for by, count in stopped.items():
        print_line(f"stopped by {by}: {count_of(count, 'definition')}; --json lists them, and says of each why")
    labels: dict[str, list[str]] = {}
    for row in sorted(definitions, key=_rank):
        if row["error"] and row["state"] != "stopped":
            labels.setdefault(row["error"].removeprefix(f"{row['label']}: "), []).append(row["label"])
    for error, failed in labels.items():
        others = f" and {len(failed) - 1:,} more" if len(failed) > 1 else ""
        print_line(f"\n{failed[0]}{others}: {error}")


def _rank(definition: dict[str, Any]) -> tuple[bool, float, float, str]:
    """Return the place of a definition: by its metric, then by macro F1; without a score, or without a model, last."""
    if definition["accuracy"] is None:
        return (True, 1, 0, "")  # in the order in which they are given
    if definition["score"] is None:
        return (True, -definition["accuracy"], 0, definition["label"])
    lower_is_better = parse_metric(definition["metric"]).lower_is_better
    score = definition["score"] if lower_is_better else -definition["score"]
    return (False, score, -definition["choice_macro_f1"], definition["label"])


def _row(rank: int, definition: dict[str, Any], differing: Sequence[Key]) -> dict[str, Any]:
    row = {
        "": None,
        "label": definition["label"],
        "accuracy": definition["state"],
        "recipe": format_differences(definition["definition"], differing),
    }
    if definition["accuracy"] is None:
        return dict.fromkeys(COLUMNS) | row
    return row | {
        "": rank,
        _SCORE: format_score(definition) if has_own_score(definition) else None,
        "accuracy": definition["accuracy"],
        "marks": format_marks(definition["marks"]),
        "95 % interval": format_interval(definition["accuracy_interval"]),
        "macro F1": definition["macro_f1"],
        "gain": None if definition["gain"] is None else f"{definition['gain']:+.3f}",
        "seconds": f"{definition['training_seconds']:.1f}",
        "size": format_size(definition["size_bytes"]),
    }
