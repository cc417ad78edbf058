"""Reads `airflow_settings.yaml` and reports all mistakes in it together."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.deployment.settings.schema import (
    ConnectionSetting,
    PoolSetting,
    Settings,
    SettingsDocument,
    VariableSetting,
)
from pipeline.errors import PipelineError

SETTINGS_FILE = "airflow_settings.yaml"
_ROWS: dict[str, type[BaseModel]] = {
    "connections": ConnectionSetting,
    "pools": PoolSetting,
    "variables": VariableSetting,
}
_SHOWN = ("conn_id", "conn_port", "pool_name", "pool_slot", "variable_name")  # all others may be secret
_WORDS = {
    "missing": "is missing",
    "model_type": "not a mapping of names to values",
    "string_type": "is not text; put it in quotes",
    "int_type": "is not a whole number; write one, without quotes",
    "string_pattern_mismatch": "letters, digits, _, . and - are allowed",
    "value_error": "neither a mapping nor the text of a JSON object",
    "dict_type": "neither a mapping nor the text of a JSON object",
    "invalid-json-value": "cannot be written as JSON; put dates in quotes",
}


class SettingsError(PipelineError):
    """A settings file that cannot be applied: `what` has every mistake in it, one per line."""

    def __str__(self) -> str:
        return "\n".join(str(PipelineError(self.where, line)) for line in self.what.splitlines())


def read_settings(path: Path) -> Settings:
    """Return the content of a file in the Astro CLI's format; rows of empty fields, as in its template, are ignored.

    Raises:
        SettingsError: the file cannot be read or has mistakes. The message contains no value that may be secret.
    """
    try:
        content = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 (a SafeLoader)
        return SettingsDocument.model_validate(content).airflow
    except OSError as error:
        raise SettingsError(str(path), f"cannot be read ({error.strerror}); name the file with --file") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise SettingsError(place, f"not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError:  # its message quotes the file
        raise SettingsError(str(path), "not YAML; text in UTF-8 is allowed") from None
    except ValidationError as error:
        mistakes = [_describe(details) for details in error.errors(include_url=False)]
        raise SettingsError(str(path), "\n".join(mistakes)) from None


class _Loader(yaml.SafeLoader):
    """YAML without Python's tags, and with each key once: PyYAML silently takes the last of several."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} appears twice", key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _describe(details: Any) -> str:
    """Return one of pydantic's findings as a sentence that begins with its place in the file."""
    place = details["loc"]
    names = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
    if details["type"] == "extra_forbidden":
        outer: dict[int, type[BaseModel]] = {1: SettingsDocument, 2: Settings}
        beside = outer.get(len(place)) or _ROWS[place[1]]
        return f"{names}: there is no such field; allowed: {', '.join(beside.model_fields)}"
    what = _WORDS.get(details["type"], details["msg"])
    shown = f"{details['input']!r}: " if place and place[-1] in _SHOWN and details["type"] != "missing" else ""
    return f"{names}: {shown}{what}" if names else what
