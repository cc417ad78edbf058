"""From a plan's text or file to its JSON value."""

import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.plans.errors import Finding, PlanError
from pipeline.plans.limits import LARGEST_PLAN_BYTES, MOST_LEVELS
from pipeline.plans.wording import describe

SHORTEN = "shorten lists of blocks, or split it into several plans"
_TOO_DEEP = Finding("", "nested too deeply", f"at most {MOST_LEVELS} lists and objects inside each other")


def parse_plan(text: str, source: str = "plan", *, levels: int = MOST_LEVELS) -> Any:
    """Return the JSON value of a plan's text.

    Args:
        source: where the text comes from, for errors.
        levels: how many lists and objects may be inside each other.

    Raises:
        PlanError: the text is not JSON, writes a key twice, has an infinite number or NaN, or is nested too deeply.
    """
    try:
        value = json.loads(
            text, object_pairs_hook=_refuse_doubles, parse_constant=_refuse_constant, parse_float=_read_float
        )
        _require_levels(value, levels)
    except json.JSONDecodeError as error:
        where = f"{source}, line {error.lineno}, column {error.colno}"
        raise PlanError(
            [Finding(where, f"not JSON ({error.msg})", "a plan is one JSON object", _hint(error))]
        ) from None
    except _PlanTextError as error:
        raise PlanError([Finding(source, str(error))]) from None
    except ValueError:
        raise PlanError([Finding(source, "has a number with more digits than any option takes")]) from None
    except RecursionError:
        raise PlanError([replace(_TOO_DEEP, path=source)]) from None
    return value


def read_plan(path: Path) -> Any:
    """Return the JSON value in a plan's file, or on stdin if the path is `-`.

    Raises:
        PlanError: the file is missing, too large, not UTF-8, or not what `parse_plan` takes.
    """
    try:
        if path == Path("-"):
            return parse_plan(_read(sys.stdin.buffer, "stdin"), "stdin")
        with path.open("rb") as file:
            return parse_plan(_read(file, str(path)), str(path))
    except OSError as error:
        raise PlanError([Finding(str(path), f"cannot be read ({error.strerror})")]) from None
    except UnicodeDecodeError as error:
        raise PlanError([Finding(str(path), f"not UTF-8 (byte {error.start})", "save it as UTF-8")]) from None


def _read(file: BinaryIO, source: str) -> str:
    content = file.read(LARGEST_PLAN_BYTES + 1)
    if len(content) > LARGEST_PLAN_BYTES:
        raise PlanError([Finding(source, "too large", f"a plan has at most {LARGEST_PLAN_BYTES:,} bytes", SHORTEN)])
    return content.decode("utf-8-sig")


def _require_levels(value: Any, levels: int) -> None:
    """Refuse a value with more levels of lists and objects.

    Raises:
        RecursionError: it has more.
    """
    if isinstance(value, list | dict):
        if not levels:
            raise RecursionError
        for each in value.values() if isinstance(value, dict) else value:
            _require_levels(each, levels - 1)


class _PlanTextError(ValueError):
    """The text is JSON for Python, but not for a plan."""


_HINTS = {
    "//": "JSON has no comments",
    "#": "JSON has no comments",
    "'": "write texts in double quotes",
    "True": "write true",
    "False": "write false",
    "None": "write null",
}


def _hint(error: json.JSONDecodeError) -> str:
    """Return what to change in a text that is nearly JSON, or "" if unknown."""
    before, after = error.doc[: error.pos].rstrip(), error.doc[error.pos :].lstrip()
    if not before and not after:
        return "the file is empty"
    for start, hint in _HINTS.items():
        if after.startswith(start):
            return hint
    if not after:
        return "the text ends too early: a closing bracket or quotation mark is missing"
    # Python 3.13 points at the comma, earlier versions at the character after it
    if (before.endswith(",") and after.startswith(("]", "}"))) or (
        after.startswith(",") and after[1:].lstrip().startswith(("]", "}"))
    ):
        return "leave out the comma before the bracket"
    return ""


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _PlanTextError(f"the key {describe(key)} is written twice in one object; keep one")
        found[key] = value
    return found


def _read_float(text: str) -> float:
    number = float(text)
    if math.isinf(number):  # `1e999`
        raise _PlanTextError(f"{text[:40]} is too large for a number; write a smaller one")
    return number


def _refuse_constant(constant: str) -> None:
    raise _PlanTextError(f"{constant} is not JSON; write a finite number")
