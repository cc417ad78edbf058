"""Values in task logs as words: Airflow's log page shows nothing for true, false, null and empty text."""

import json
from typing import Any, Final

import structlog

_OURS: Final = "pipeline"
_ITS_OWN: Final = ("event", "exc_info", "stack_info", "positional_args")
"""The names that structlog itself reads."""


def write_values_plainly() -> None:
    """Write values as words in everything that the product logs in this process from now on. Idempotent."""
    # change the list itself: loggers that were used before refer to it
    processors = structlog.get_config()["processors"]
    if write_values not in processors:
        processors.insert(0, write_values)


def write_values(logger: Any, _: str, event: Any) -> Any:
    """Write the values of an event as in a plan: true, null, [1, 2]. Text is quoted only where it would mislead."""
    if str(getattr(logger, "name", "")).partition(".")[0].startswith(_OURS):
        for name, value in event.items():
            if name not in _ITS_OWN:
                event[name] = write_value(value)
    return event


def write_value(value: Any) -> Any:
    """Return a value in words; numbers and values that JSON cannot express stay as they are."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if _misleads(value) else value
    if value is None or isinstance(value, bool | list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value


def _misleads(text: str) -> bool:
    """Return whether a text looks empty, or like a value of another type."""
    if text != text.strip() or not text:
        return True
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
