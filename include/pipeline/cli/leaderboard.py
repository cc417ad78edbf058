"""The leaderboard of a run: its definitions, the best first."""

from typing import Any

from pipeline.cli.output import print_line, print_table
from pipeline.plans.definition import SECTIONS

COLUMNS = ("", "label", "accuracy", "recipe", "gain", "95 % interval", "macro F1", "seconds", "size")


def print_leaderboard(definitions: list[dict[str, Any]], title: str | None = None) -> None:
    """Print trained definitions by accuracy, each with the options in which it differs; then what was not trained."""
    ranked = sorted(definitions, key=_rank)
    differing = _differing_options(definitions)
    rows = [_row(rank, definition, differing) for rank, definition in enumerate(ranked, 1)]
    print_table(COLUMNS, [[row[column] for column in COLUMNS] for row in rows], title, fold="recipe")
    baselines = {f"{row['baseline_accuracy']:.3f}" for row in ranked if row["state"] == "trained"}
    if baselines:
        print_line(f"gain: over always answering the majority class ({', '.join(sorted(baselines))})")
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
    accuracy = definition["accuracy"]
    return (-accuracy, -definition["macro_f1"], definition["label"]) if accuracy is not None else (1, 1, "")


def _row(rank: int, definition: dict[str, Any], differing: list[tuple[str, str]]) -> dict[str, Any]:
    accuracy, baseline = definition["accuracy"], definition["baseline_accuracy"]
    options = _options(definition)
    return {
        "": None if accuracy is None else rank,
        "label": definition["label"],
        "accuracy": definition["state"] if accuracy is None else accuracy,
        "95 % interval": format_interval(definition["accuracy_interval"]),
        "macro F1": definition["macro_f1"],
        "gain": None if accuracy is None else f"{accuracy - baseline:+.3f}",
        "seconds": None if accuracy is None else f"{definition['training_seconds']:.1f}",
        "size": format_size(definition["size_bytes"]),
        "recipe": ", ".join(f"{key[1]}={options[key]}" for key in differing if key in options),
    }


def _options(definition: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Return a definition's names and options under (section, option)."""
    return {
        (section, name): value
        for section in SECTIONS
        for block in [definition["definition"][section]]
        for name, value in ({section: block["name"]} | dict(sorted(block["options"].items()))).items()
    }


def _differing_options(definitions: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the options, in a definition's order, that do not have one value in all definitions."""
    found: dict[tuple[str, str], set[str]] = {}
    for definition in definitions:
        for key, value in _options(definition).items():
            found.setdefault(key, set()).add(repr(value))
    return [key for key, values in found.items() if len(values) > 1]
