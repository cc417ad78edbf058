"""A plan's sections as blocks: one class, and for each of its options the values to try."""

from dataclasses import dataclass
from typing import Any

from pipeline.components import Component
from pipeline.components.family import Family
from pipeline.components.options import Option
from pipeline.plans.findings import Findings
from pipeline.plans.limits import MOST_BLOCKS
from pipeline.plans.values import find_unknown_keys, has_room, read_values
from pipeline.plans.wording import describe

BLOCK_KEYS = ("name", "options")
A_BLOCK = 'an object such as {"name": …, "options": {…}}, or a list of such objects'


@dataclass(frozen=True)
class Block:
    """One block of a section.

    Args:
        section: `dataset`, `adapter` or `model`.
        path: where it is in the plan: `model`, or `model[1]` in a list of blocks.
        component: the class that it names.
        choices: for each option, by name, the values to try in canonical form, as often as the plan lists them.
        given: the options that the plan names; the others have their default.
    """

    section: str
    path: str
    component: type[Component]
    choices: dict[str, list[Any]]
    given: frozenset[str]


def read_section(section: str, written: Any, family: Family[Any], findings: Findings) -> list[Block]:
    """Return a section's blocks without the values that are wrong, and without blocks that have too little right.

    Args:
        findings: what is wrong in the section is added to it.
    """
    if not isinstance(written, list):
        blocks = [_read_block(section, written, family, findings)]
    else:
        if not written:
            findings.add("got an empty list", A_BLOCK)
        if not has_room(written, MOST_BLOCKS, "block", findings):
            return []
        blocks = [_read_block(section, each, family, findings.item(number)) for number, each in enumerate(written)]
    return [block for block in blocks if block is not None]


def _read_block(section: str, written: Any, family: Family[Any], findings: Findings) -> Block | None:
    """Return a block, or None if its class is unknown or an option has no right value."""
    if not isinstance(written, dict):
        findings.add(f"got {describe(written)}", A_BLOCK)
        return None
    component = _find_class(section, written, family, findings)
    options = written.get("options", {})
    if not isinstance(options, dict):
        findings.under("options").add(f"got {describe(options)}", "an object with the values to try for each option")
        return None
    if component is None:
        return None
    choices = _read_options(component, options, findings.under("options"))
    return Block(section, findings.path, component, choices, frozenset(options)) if all(choices.values()) else None


def _find_class(
    section: str, written: dict[str, Any], family: Family[Any], findings: Findings
) -> type[Component] | None:
    """Return the class that a block names, and check the block's keys."""
    name = written.get("name")
    component = family.classes.get(name) if isinstance(name, str) else None
    options = component.options_by_name() if component else ()
    find_unknown_keys(written, BLOCK_KEYS, findings, options)
    if "name" not in written:
        findings.under("name").add("missing", f"one of {family.describe_names()}")
    elif component is None:
        hint = f"for several, write {section} as a list of blocks" if isinstance(name, list) else family.suggest(name)
        findings.under("name").add(f"unknown name {describe(name)}", f"one of {family.describe_names()}", hint)
    return component


def _read_options(component: type[Component], options: dict[str, Any], findings: Findings) -> dict[str, list[Any]]:
    """Return for each option of a class the values to try, sorted by the option's name."""
    known = component.options_by_name()
    find_unknown_keys(options, known, findings)
    return {name: _read_choices(option, options, findings) for name, option in sorted(known.items())}


def _read_choices(option: Option, options: dict[str, Any], findings: Findings) -> list[Any]:
    if option.name not in options and not option.required:
        return [option.default]
    here = findings.under(option.name)
    if option.name not in options:
        here.add("missing", f"one or more values; {option.description}")
        return []
    written = options[option.name]
    if written == []:
        here.add("got an empty list", "at least one value to try")
    return read_values(option, written, here)
