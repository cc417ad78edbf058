"""The leaderboard of a run: its definitions, the best first."""

from collections.abc import Sequence
from typing import Any

from pipeline.cli.output import print_line, print_table
from pipeline.plans.differences import Key, differing_options, tell_differences
from pipeline.plans.wording import count_of

COLUMNS = ("", "label", "accuracy", "recipe", "gain", "95 % interval", "macro F1", "seconds", "size")


def print_leaderboard(definitions: list[dict[str, Any]], title: str | None = None) -> None:
    """Print definitions by accuracy, each with the options in which it differs; then what has no model of its own."""
    ranked = sorted((row for row in definitions if not row["duplicate_of"]), key=_rank)
    differing = differing_options([row["definition"] for row in definitions])
    rows = [_row(rank, definition, differing) for rank, definition in enumerate(ranked, 1)]
    print_table(COLUMNS, [[row[column] for column in COLUMNS] for row in rows], title, fold="recipe")
    baselines = {f"{row['baseline_accuracy']:.3f}" for row in ranked if row["accuracy"] is not None}
    if baselines:
        print_line(f"gain: over always answering the majority class ({', '.join(sorted(baselines))})")
    reused = sum(row["state"] == "reused" for row in definitions)
    if reused:
        print_line(f"reused: {count_of(reused, 'model')} of earlier runs on the same examples")
    for definition in definitions:
        if definition["duplicate_of"]:
            print_line(f"{definition['label']}: the same model as {definition['duplicate_of']}")
    for definition in ranked:
        if definition["error"]:
            print_line(f"\n{definition['label']}: {definition['error']}")


def format_interval(interval: list[float] | None) -> str | None:
    """Return an interval such as `0.862–0.971`."""
    return f"{interval[0]:.3f}–{interval[1]:.3f}" if interval else None


def format_size(size_bytes: int | None) -> str | None:
    """Return bytes in the unit a person reads: `1.4 MB`."""
    if size_bytes is None:
        return None
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e6 else f"{size_bytes / 1e3:.0f} kB"


def _rank(definition: dict[str, Any]) -> tuple[float, float, str]:
    if definition["accuracy"] is None:
        return (1, 1, "")
    return (-definition["accuracy"], -definition["macro_f1"], definition["label"])


def _row(rank: int, definition: dict[str, Any], differing: Sequence[Key]) -> dict[str, Any]:
    row = {
        "": None,
        "label": definition["label"],
        "accuracy": definition["state"],
        "recipe": tell_differences(definition["definition"], differing),
    }
    if definition["accuracy"] is None:
        return dict.fromkeys(COLUMNS) | row
    accuracy = definition["accuracy"]
    return row | {
        "": rank,
        "accuracy": accuracy,
        "95 % interval": format_interval(definition["accuracy_interval"]),
        "macro F1": definition["macro_f1"],
        "gain": f"{accuracy - definition['baseline_accuracy']:+.3f}",
        "seconds": f"{definition['training_seconds']:.1f}",
        "size": format_size(definition["size_bytes"]),
    }
