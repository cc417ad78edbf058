"""How options and their values are written in the API: `model.kernel:rbf`, or `adapter.name:TfidfAdapter`."""

import json
from typing import Any, Final

from pipeline.errors import PipelineError
from pipeline.plans.definition import SECTIONS

_MOST_BRACKETS: Final = 100  # no option has more; a deeply nested list is only meant to break the parser


def read_option(text: str, parameter: str = "option") -> tuple[str, str, Any]:
    """Return the section, the option and its value.

    Raises:
        PipelineError: it is not written so.
    """
    path, separator, value = text.partition(":")
    section, dot, name = path.partition(".")
    if not separator or not dot or section not in SECTIONS:
        raise PipelineError(parameter, repr(text[:60]), "section.option:value, such as model.kernel:rbf")
    return section, name, _read_value(value)


def has_option(definition: dict[str, Any], section: str, name: str, value: Any) -> bool:
    """Return whether a definition has this value of an option, or of `name`, the class of the section."""
    block = definition[section]
    return bool(block["name"] == value if name == "name" else block["options"].get(name) == value)


def _read_value(text: str) -> Any:
    """Return an option's value: JSON, or a string without quotes."""
    try:
        return json.loads(text) if text.count("[") + text.count("{") <= _MOST_BRACKETS else text
    except ValueError:
        return text
