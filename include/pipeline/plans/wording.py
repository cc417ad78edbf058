"""How findings and commands word names, values, paths and counts."""

import json
import re
from collections.abc import Iterable
from typing import Any

_PLAIN_KEY = re.compile(r"[\w-]{1,60}", re.ASCII)
_LONGEST = 60


def join(names: Iterable[str], last: str = ", ") -> str:
    """Return names as a list in a sentence: `a, b, c`."""
    *first, end = list(names)
    return f"{', '.join(first)}{last}{end}" if first else end


def describe(value: Any) -> str:
    """Return a JSON value as it is written in a plan, shortened if it is long."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (RecursionError, ValueError):  # Python does not write an integer of many thousand digits
        text = f"a {type(value).__name__} too large to show"
    text = text.encode(errors="backslashreplace").decode()  # a lone surrogate cannot be printed
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def place(prefix: str, key: Any) -> str:
    """Return the path of a key inside the object at `prefix`."""
    if isinstance(key, str) and _PLAIN_KEY.fullmatch(key):
        return f"{prefix}.{key}" if prefix else key
    return f"{prefix}[{describe(key)}]"


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun: `1 definition`, `1,000 definitions`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
