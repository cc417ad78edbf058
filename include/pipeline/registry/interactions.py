"""Which options matter together: whether the best value of one depends on the value of another."""

from collections import defaultdict
from itertools import combinations
from statistics import fmean
from typing import Any, Final

from pipeline.plans.differences import Key, differing_options, format_value, list_options
from pipeline.registry.effects import share_between, sort_values

MOST_PAIRS: Final = 12
_MOST_OPTIONS: Final = 16  # of which every pair is looked at

Column = dict[int, tuple[str, Any]]
"""An option's value in each row that has the option, as people read it and as plans have it, by the row's place."""


def list_interactions(definitions: list[dict[str, Any]], score: str) -> list[dict[str, Any]]:
    """Return the `MOST_PAIRS` pairs of options that interact most, each with the mean score by both values.

    `beyond` is the share of the variance that lies between the combinations of values, less the shares that lie between
    the values of each option alone, among the models that have both options. It is 0 if the effects add up.

    Args:
        definitions: rows with their `definition` and the score.
        score: the name of the score.
    """
    scores = [row[score] for row in definitions]
    pairs = combinations([*_list_columns(definitions).items()][:_MOST_OPTIONS], 2)
    crossed = [_cross(first, second, scores) for first, second in pairs]
    return sorted((each for each in crossed if each), key=lambda each: -each["beyond"])[:MOST_PAIRS]


def _list_columns(definitions: list[dict[str, Any]]) -> dict[Key, Column]:
    """Return the options that have several values."""
    columns: dict[Key, Column] = {key: {} for key in differing_options([row["definition"] for row in definitions])}
    for place, row in enumerate(definitions):
        for key, value in list_options(row["definition"]).items():
            if key in columns:
                columns[key][place] = (format_value(value), value)
    return columns


def _cross(first: tuple[Key, Column], second: tuple[Key, Column], scores: list[float]) -> dict[str, Any] | None:
    """Return two options together; None unless both have several values among the models that have both."""
    rows, columns = first[1], second[1]
    both = rows.keys() & columns.keys()
    row_names, column_names = _list_values(rows, both), _list_values(columns, both)
    if min(len(row_names), len(column_names)) < 2:
        return None
    cells: dict[tuple[str, str], list[float]] = defaultdict(list)
    for place in sorted(both):
        cells[rows[place][0], columns[place][0]].append(scores[place])
    explained = share_between([*cells.values()])
    alone = [share_between(_group(column, both, scores)) for column in (rows, columns)]
    return {
        "first": _name(first[0]),
        "second": _name(second[0]),
        "rows": row_names,
        "columns": column_names,
        "cells": [
            {
                "row": row_names.index(row),
                "column": column_names.index(column),
                "mean": fmean(each),
                "models": len(each),
            }
            for (row, column), each in cells.items()
        ],
        "explained": explained,
        "beyond": max(0.0, explained - sum(alone)),
    }


def _list_values(column: Column, places: set[int]) -> list[str]:
    return [text for text, _ in sort_values({column[place][0]: column[place][1] for place in places}.items())]


def _group(column: Column, places: set[int], scores: list[float]) -> list[list[float]]:
    groups: dict[str, list[float]] = defaultdict(list)
    for place in sorted(places):
        groups[column[place][0]].append(scores[place])
    return [*groups.values()]


def _name(key: Key) -> dict[str, Any]:
    section, component, option = key
    return {"section": section, "component": component or None, "option": option or "name"}
