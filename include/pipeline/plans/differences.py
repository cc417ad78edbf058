"""Finds the options in which definitions differ, and writes them for people."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.plans.definition import SECTIONS

Key = tuple[str, str, str]
"""A section, the name of a class and one of its options; or a section, "" and "", for the name of its class."""


def differing_options(definitions: Sequence[dict[str, Any]], sections: Iterable[str] = SECTIONS) -> list[Key]:
    """Return the options, section by section, that have several values in the definitions with their class."""
    differing: list[Key] = []
    for section in sections:
        # definitions of one plan share their blocks: each is looked at once
        blocks = {id(definition[section]): definition[section] for definition in definitions}
        values: dict[Key, Any] = {}
        changing: set[Key] = set()
        for block in blocks.values():
            for key, value in list_block(section, block).items():
                if values.setdefault(key, value) != value:
                    changing.add(key)
        differing += [key for key in values if key in changing]
    return differing


def list_block(section: str, block: dict[str, Any]) -> dict[Key, Any]:
    """Return the name and the options of a definition's section by their keys."""
    options = {(section, block["name"], name): value for name, value in sorted(block["options"].items())}
    return {(section, "", ""): block["name"]} | options


def list_options(definition: dict[str, Any]) -> dict[Key, Any]:
    """Return the names and the options of a definition by their keys, section by section, each name first."""
    return {key: value for section in SECTIONS for key, value in list_block(section, definition[section]).items()}


def format_differences(definition: dict[str, Any], differing: Sequence[Key]) -> str:
    """Return a definition's values of these options: `pooling=mean, kernel=rbf`.

    The names of the adapter and of the model are left out, because the label has them.
    """
    values = list_options(definition)
    unsaid = (("adapter", "", ""), ("model", "", ""))
    shown = [key for key in differing if key in values and key not in unsaid]
    return ", ".join(
        f"{option or section}={format_value(values[section, name, option])}" for section, name, option in shown
    )


def format_value(value: Any) -> str:
    """Return an option's value as a plan has it, but texts without quotes, and a union's parts without defaults."""
    if isinstance(value, list) and any(isinstance(part, dict) for part in value):
        return " + ".join(map(_format_part, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _format_part(part: dict[str, Any]) -> str:
    component = SECTIONS["adapter"].classes.get(part["name"])
    known = component.options_by_name() if component else {}
    told = [
        f"{name}={format_value(value)}"
        for name, value in sorted(part["options"].items())
        if name not in known or known[name].required or value != known[name].default
    ]
    return f"{part['name']}({', '.join(told)})" if told else str(part["name"])
