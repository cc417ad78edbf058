"""Which option matters: how much of a score's variance each option explains."""

import json
from collections import defaultdict
from collections.abc import Iterable
from statistics import fmean
from typing import Any

from pipeline.plans.differences import Key, differing_options, format_value, list_options


def list_effects(definitions: list[dict[str, Any]], score: str) -> list[dict[str, Any]]:
    """Return, for each option with several values, the scores by value and the share of the variance it explains.

    An option of one class is compared among the definitions of that class only. `explained` is eta squared, the
    variance between values as a share of the whole: 1 if the option alone decides, 0 if it changes nothing.

    Args:
        definitions: rows with their `definition` and the score.
        score: the name of the score.
    """
    recipes = [row["definition"] for row in definitions]
    values = [list_options(recipe) for recipe in recipes]
    effects = []
    for key in differing_options(recipes):
        scores: dict[str, list[float]] = defaultdict(list)
        texts: dict[str, Any] = {}
        for row, options in zip(definitions, values, strict=True):
            if key in options:
                text = json.dumps(options[key], sort_keys=True)
                texts[text] = options[key]
                scores[text].append(row[score])
        effects.append(_describe(key, scores, texts))
    return sorted(effects, key=lambda effect: -effect["explained"])


def _describe(key: Key, scores: dict[str, list[float]], texts: dict[str, Any]) -> dict[str, Any]:
    section, component, option = key
    by_value = [
        {"value": format_value(value), "given": value, "mean": fmean(scores[text]), "scores": sorted(scores[text])}
        for text, value in sort_values(texts.items())
    ]
    return {
        "section": section,
        "component": component or None,
        "option": option or "name",
        "explained": share_between([*scores.values()]),
        "values": by_value,
    }


def sort_values(values: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return texts and their values sorted: numbers by size, then everything else by its text."""
    return sorted(values, key=lambda item: _place(item[1]))


def _place(value: Any) -> tuple[int, float, str]:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return (0, value, "") if number else (1, 0, json.dumps(value, sort_keys=True))


def share_between(groups: list[list[float]]) -> float:
    """Return eta squared: the variance between the groups as a share of the whole variance; 0 if there is none."""
    everything = [value for group in groups for value in group]
    mean = fmean(everything)
    total = sum((value - mean) ** 2 for value in everything)
    between = sum(len(group) * (fmean(group) - mean) ** 2 for group in groups)
    return min(1.0, between / total) if total else 0.0
