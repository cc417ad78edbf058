"""From a plan's text or file to its JSON value."""

import json
import sys
from pathlib import Path
from typing import Any

from pipeline.plans.errors import Finding, PlanError


def parse_plan(text: str, source: str = "plan") -> Any:
    """Return the JSON value of a plan's text.

    Raises:
        PlanError: not JSON, or one key written twice; says the line and column.
    """
    try:
        return json.loads(text, object_pairs_hook=_refuse_doubles, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"{source}, line {error.lineno}, column {error.colno}"
        raise PlanError(
            [Finding(where, f"not JSON ({error.msg})", "a plan is one JSON object", _hint(error))]
        ) from None
    except _PlanTextError as error:
        raise PlanError([Finding(source, str(error))]) from None
    except ValueError:
        raise PlanError([Finding(source, "holds a number of more digits than any option takes")]) from None
    except RecursionError:
        raise PlanError([Finding(source, "nested too deeply", "a plan is a few levels deep")]) from None


def read_plan(path: Path) -> Any:
    """Return the JSON value in a plan's file, or on stdin where the path is `-`.

    Raises:
        PlanError: no such file, not UTF-8, or not JSON.
    """
    try:
        if path == Path("-"):
            return parse_plan(sys.stdin.buffer.read().decode("utf-8-sig"), "stdin")
        return parse_plan(path.read_text(encoding="utf-8-sig"), str(path))
    except OSError as error:
        raise PlanError([Finding(str(path), f"cannot be read ({error.strerror})")]) from None
    except UnicodeDecodeError as error:
        raise PlanError([Finding(str(path), f"not UTF-8 (byte {error.start})", "save it as UTF-8")]) from None


class _PlanTextError(ValueError):
    """JSON for Python, but not for a plan."""


_HINTS = {
    "//": "JSON has no comments",
    "#": "JSON has no comments",
    "'": "write texts in double quotes",
    "True": "write true",
    "False": "write false",
    "None": "write null",
}


def _hint(error: json.JSONDecodeError) -> str:
    """Return what is wrong with a text that is nearly JSON."""
    before, after = error.doc[: error.pos].rstrip(), error.doc[error.pos :].lstrip()
    if not before and not after:
        return "the file is empty"
    for start, hint in _HINTS.items():
        if after.startswith(start):
            return hint
    # Python 3.13 points at the comma, earlier versions behind it
    if (before.endswith(",") and after[:1] in "]}") or (after.startswith(",") and after[1:].lstrip()[:1] in "]}"):
        return "leave out the comma before the bracket"
    return ""


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _PlanTextError(f"the key {key!r} is written twice in one object; keep one")
        found[key] = value
    return found


def _refuse_constant(constant: str) -> None:
    raise _PlanTextError(f"{constant} is not JSON; write a finite number")
