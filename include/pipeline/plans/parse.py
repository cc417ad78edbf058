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
        raise PlanError([Finding(where, f"not JSON ({error.msg})", "a plan is one JSON object")]) from None
    except ValueError as error:
        raise PlanError([Finding(source, str(error))]) from None
    except RecursionError:
        raise PlanError([Finding(source, "nested too deeply", "a plan is three levels deep")]) from None


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


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} is written twice in one object; keep one")
        found[key] = value
    return found


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON; write a finite number")
