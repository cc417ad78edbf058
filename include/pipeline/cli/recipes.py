"""Definitions told apart by the options in which they differ, and what was left out."""

import json
from collections.abc import Sequence
from typing import Any

from pipeline.cli.output import print_line
from pipeline.plans.definition import SECTIONS

Key = tuple[str, str]
"""A section and an option, or a section twice for the name of its class."""


def list_options(definition: dict[str, Any]) -> dict[Key, Any]:
    """Return a definition's names and options under section and option."""
    return {
        (section, name): value
        for section in SECTIONS
        for block in [definition[section]]
        for name, value in ({section: block["name"]} | dict(sorted(block["options"].items()))).items()
    }


def differing_options(definitions: Sequence[dict[str, Any]]) -> list[Key]:
    """Return the options, in a definition's order, that do not have one value in all definitions."""
    first: dict[Key, Any] = {}
    differing: set[Key] = set()
    for definition in definitions:
        for key, value in list_options(definition).items():
            if key not in differing and first.setdefault(key, value) != value:
                differing.add(key)
    return [key for key in first if key in differing]


def tell_differences(definition: dict[str, Any], differing: Sequence[Key]) -> str:
    """Return a definition's values of these options: `pooling=mean, kernel=rbf`."""
    options = list_options(definition)
    return ", ".join(f"{key[1]}={options[key]}" for key in differing if key in options)


def print_exclusions(exclusions: Sequence[dict[str, Any]]) -> None:
    """Print what left permutations out, and how many."""
    for exclusion in exclusions:
        # sorted, for a plan's keys come back from the databases in another order
        rule = json.dumps(exclusion["rule"], ensure_ascii=False, sort_keys=True)
        print_line(f"excluded {exclusion['permutations']:,} by {rule}")
