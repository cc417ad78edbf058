"""The values that a plan gives an option, each checked by itself, and the keys of an object."""

from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from pipeline.components.options import Option, explain
from pipeline.components.suggest import suggest
from pipeline.datasets.base import takes_now
from pipeline.datetimes import NOW
from pipeline.plans.findings import Findings
from pipeline.plans.limits import MOST_VALUES
from pipeline.plans.wording import count_of, describe, join

MOST_ALIKE = 20
"""How many wrong values of one list, or unknown keys of one object, are each explained in full."""


def read_values(option: Option, written: Any, findings: Findings) -> list[Any]:
    """Return those of the values that a plan gives an option that are right, in canonical form."""
    values = option.list_values(written)
    if not has_room(values, MOST_VALUES, "value", findings):
        return []
    found, wrong = [], 0
    for index, value in enumerate(values):
        try:
            found.append(option.parse(value))
        except (ValidationError, OverflowError) as error:
            wrong += 1
            if wrong <= MOST_ALIKE:
                here = findings.item(index) if values is written else findings
                add_wrong_value(option, value, error, here, one_of_several=True)
    if wrong > MOST_ALIKE:
        findings.add(f"{count_of(wrong - MOST_ALIKE, 'more value')} like these")
    return found


def has_room(found: list[Any], most: int, noun: str, findings: Findings) -> bool:
    """Return whether a list is no longer than lists may be; a longer one is a finding."""
    if len(found) > most:
        findings.add(f"got {count_of(len(found), noun)}", f"at most {most:,}")
    return len(found) <= most


def add_wrong_value(
    option: Option,
    value: Any,
    error: ValidationError | OverflowError,
    findings: Findings,
    *,
    one_of_several: bool = False,
) -> None:
    """Add what an option says about a value that it does not accept.

    Args:
        one_of_several: whether the plan may give it several values, so that a list may mean several or one.
    """
    hint = suggest(value, option.choices) if isinstance(value, str) else ""
    flat = isinstance(value, list) and not any(isinstance(each, list) for each in value)
    if one_of_several and option.takes_list and flat and "items" in str(error):  # too many, or too few
        hint = "a list without lists inside is one value; a list of such lists is several"
    allowed = explain(error.errors(include_url=False)) if isinstance(error, ValidationError) else "a smaller number"
    or_null = (", or null" if option.takes_list else " or null") if option.takes_null else ""
    or_now = f", or {NOW}" if takes_now(option) else ""
    findings.add(f"got {describe(value)}", allowed + or_now + or_null, hint)


def find_unknown_keys(
    found: dict[Any, Any], known: Collection[str], findings: Findings, options: Collection[str] = ()
) -> None:
    """Add a finding for each unknown key.

    Args:
        options: keys that belong in the object's `options`; the finding says so.
    """
    unknown = [key for key in found if key not in known]
    for number, key in enumerate(unknown):
        hint = f'write it inside "options": {{"{key}": …}}' if key in options else ""
        if not hint and number < MOST_ALIKE:  # searching for similar names takes long
            hint = suggest(key, known)
        findings.under(key).add("unknown key", f"known are {join(known)}", hint)
