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
    return {key: value for section in SECTIONS for key, value in _list_block(section, definition[section]).items()}


def _list_block(section: str, block: dict[str, Any]) -> dict[Key, Any]:
    named = {section: block["name"]} | dict(sorted(block["options"].items()))
    return {(section, name): value for name, value in named.items()}


def differing_options(definitions: Sequence[dict[str, Any]]) -> list[Key]:
    """Return the options, section by section, that do not have one value in all definitions."""
    differing: list[Key] = []
    for section in SECTIONS:
        # definitions of one plan share their blocks: each needs to be looked at once
        blocks = {id(definition[section]): definition[section] for definition in definitions}
        values: dict[Key, Any] = {}
        changing: set[Key] = set()
        for block in blocks.values():
            for key, value in _list_block(section, block).items():
                if values.setdefault(key, value) != value:
                    changing.add(key)
        differing += [key for key in values if key in changing]
    return differing


def tell_differences(definition: dict[str, Any], differing: Sequence[Key]) -> str:
    """Return a definition's values of these options: `pooling=mean, kernel=rbf`.

    The names of adapter and model are left out: the label has them.
    """
    options = list_options(definition)
    shown = [key for key in differing if key in options and key[1] not in ("adapter", "model")]
    return ", ".join(f"{key[1]}={tell_value(options[key])}" for key in shown)


def tell_value(value: Any) -> str:
    """Return an option's value as people read it; of the parts of a union only what is no default."""
    if not isinstance(value, list) or not any(isinstance(part, dict) for part in value):
        return str(value)
    return " + ".join(map(_tell_part, value))


def _tell_part(part: dict[str, Any]) -> str:
    component = SECTIONS["adapter"].classes.get(part["name"])
    known = component.options_by_name() if component else {}
    told = [
        f"{name}={value}"
        for name, value in sorted(part["options"].items())
        if name not in known or known[name].required or value != known[name].default
    ]
    return f"{part['name']}({', '.join(told)})" if told else str(part["name"])


def print_exclusions(exclusions: Sequence[dict[str, Any]]) -> None:
    """Print what left permutations out, and how many."""
    for exclusion in exclusions:
        # sorted, for a plan's keys come back from the databases in another order
        rule = json.dumps(exclusion["rule"], ensure_ascii=False, sort_keys=True)
        print_line(f"excluded {exclusion['permutations']:,} by {rule}")
