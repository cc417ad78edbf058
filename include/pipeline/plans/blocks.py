"""A plan's sections as blocks: one class, and for each of its options the values to try."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from pipeline.components import Component
from pipeline.components.family import Family
from pipeline.components.options import Option, explain
from pipeline.components.suggest import suggest
from pipeline.plans.errors import Finding
from pipeline.plans.limits import MOST_BLOCKS, MOST_VALUES
from pipeline.plans.wording import count_of, describe, join, place

KEYS = ("name", "options")
MOST_FINDINGS = 20  # in one list of values
A_BLOCK = 'an object such as {"name": …, "options": {…}}, or a list of such objects'


@dataclass(frozen=True)
class Block:
    """One block of a section.

    Args:
        section: `dataset`, `adapter` or `model`.
        path: where it stands in the plan: `model`, or `model[1]` in a list of blocks.
        component: the class it names.
        choices: for every option, by name, the values to try in canonical form, as often as the plan says them.
        given: the options that the plan names; the others have their default.
    """

    section: str
    path: str
    component: type[Component]
    choices: dict[str, list[Any]]
    given: frozenset[str]


def read_section(section: str, written: Any, family: Family[Any], findings: list[Finding]) -> list[Block]:
    """Return a section's blocks, without the values that are wrong; what is wrong is added to `findings`.

    A block of which too little is right is left out.
    """
    if not isinstance(written, list):
        return [*_read_block(section, section, written, family, findings)]
    if not written:
        findings.append(Finding(section, "got an empty list", A_BLOCK))
    if not has_room(section, written, MOST_BLOCKS, "block", findings):
        return []
    return [
        block
        for number, each in enumerate(written)
        for block in _read_block(section, f"{section}[{number}]", each, family, findings)
    ]


def _read_block(section: str, path: str, written: Any, family: Family[Any], findings: list[Finding]) -> Iterator[Block]:
    """Yield the block, if enough of it is right to make one."""
    if not isinstance(written, dict):
        findings.append(Finding(path, f"got {describe(written)}", A_BLOCK))
        return
    name, options = written.get("name"), written.get("options", {})
    component = family.classes.get(name) if isinstance(name, str) else None
    findings += find_unknown_keys(path, written, KEYS, component.options_by_name() if component else ())
    if "name" not in written:
        findings.append(Finding(f"{path}.name", "missing", f"one of {family.tell_names()}"))
    elif component is None:
        what = f"unknown name {describe(name)}"
        hint = f"for several, write {section} as a list of blocks" if isinstance(name, list) else family.suggest(name)
        findings.append(Finding(f"{path}.name", what, f"one of {family.tell_names()}", hint))
    if not isinstance(options, dict):
        what = f"got {describe(options)}"
        findings.append(Finding(f"{path}.options", what, "an object with the values to try for each option"))
    elif component is not None:
        known = component.options_by_name()
        findings += find_unknown_keys(f"{path}.options", options, known)
        choices = {
            name: _read_choices(f"{path}.options.{name}", option, options, findings)
            for name, option in sorted(known.items())
        }
        if all(choices.values()):
            yield Block(section, path, component, choices, frozenset(options))


def _read_choices(path: str, option: Option, options: dict[str, Any], findings: list[Finding]) -> list[Any]:
    if option.name not in options:
        if not option.required:
            return [option.default]
        findings.append(Finding(path, "missing", f"one or more values; {option.description}"))
        return []
    written = options[option.name]
    if written == []:
        findings.append(Finding(path, "got an empty list", "at least one value to try"))
    return read_values(path, option, written, findings)


def read_values(path: str, option: Option, written: Any, findings: list[Finding]) -> list[Any]:
    """Return the values that a plan gives an option, in canonical form; wrong ones are added to `findings`."""
    values = option.list_values(written)
    if not has_room(path, values, MOST_VALUES, "value", findings):
        return []
    found, wrong = [], []
    for index, value in enumerate(values):
        try:
            found.append(option.parse(value))
        except (ValidationError, OverflowError) as error:
            wrong.append(explain_value(f"{path}[{index}]" if values is written else path, option, value, error))
    findings += wrong[:MOST_FINDINGS]
    if len(wrong) > MOST_FINDINGS:
        findings.append(Finding(path, f"{count_of(len(wrong) - MOST_FINDINGS, 'more value')} like these"))
    return found


def has_room(path: str, found: list[Any], most: int, noun: str, findings: list[Finding]) -> bool:
    """Return whether a list is no longer than lists may be; a finding tells where it is."""
    if len(found) > most:
        findings.append(Finding(path, f"got {count_of(len(found), noun)}", f"at most {most:,}"))
    return len(found) <= most


def explain_value(path: str, option: Option, value: Any, error: ValidationError | OverflowError) -> Finding:
    """Return the finding for a value that an option does not take."""
    hint = suggest(value, option.choices) if isinstance(value, str) else ""
    flat = isinstance(value, list) and not any(isinstance(each, list) for each in value)
    if option.takes_list and flat and "items" in str(error):  # too many, or too few
        hint = "a list without lists inside is one value; a list of such lists is several"
    allowed = explain(error.errors(include_url=False)) if isinstance(error, ValidationError) else "a smaller number"
    or_null = (", or null" if option.takes_list else " or null") if option.takes_null else ""
    return Finding(path, f"got {describe(value)}", allowed + or_null, hint)


def find_unknown_keys(
    path: str, found: dict[Any, Any], known: Collection[str], options: Collection[str] = ()
) -> Iterator[Finding]:
    """Yield a finding for each key that means nothing, or that belongs under `options`."""
    unknown = [key for key in found if key not in known]
    for number, key in enumerate(unknown):
        hint = f'write it inside "options": {{"{key}": …}}' if key in options else ""
        if not hint and number < MOST_FINDINGS:  # looking for near names takes long
            hint = suggest(key, known)
        yield Finding(place(path, key), "unknown key", f"known are {join(known)}", hint)
