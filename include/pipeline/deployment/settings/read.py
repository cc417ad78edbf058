"""Read `airflow_settings.yaml` and say everything that is wrong in it at once."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, Self

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
_KINDS: dict[str, tuple[type[BaseModel], str]] = {
    "connections": (ConnectionSetting, "conn_id"),
    "pools": (PoolSetting, "pool_name"),
    "variables": (VariableSetting, "variable_name"),
}
_SHOWN = ("conn_id", "conn_port", "pool_name", "pool_slot", "variable_name")  # all others may hold secrets


class SettingsError(PipelineError):
    """A settings file that cannot be applied, with everything that is wrong in it."""

    def __init__(self, mistakes: Sequence[PipelineError]) -> None:
        self.mistakes = tuple(mistakes)
        first = self.mistakes[0]
        super().__init__(first.where, first.what, first.allowed, first.next_step)

    def __str__(self) -> str:
        if len(self.mistakes) == 1:
            return super().__str__()
        lines = [f"  {number}. {mistake}" for number, mistake in enumerate(self.mistakes, 1)]
        return "\n".join((f"the settings have {len(self.mistakes)} mistakes:", *lines))

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[PipelineError, ...]]]:  # type: ignore[override]
        return (type(self), (self.mistakes,))


def read_settings(path: Path) -> Settings:
    """Return what a file of the Astro CLI's format holds; rows of empty fields, as in its template, count for nothing.

    Raises:
        SettingsError: the file cannot be read, or holds what is not allowed. No value that may be a secret is in it.
    """
    try:
        content = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise SettingsError([PipelineError(str(path), what, next_step="name the file with --file")]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise SettingsError([PipelineError(place, f"not YAML: {error.problem or error.context}")]) from None
    except yaml.YAMLError:  # its words quote the file
        raise SettingsError([PipelineError(str(path), "not YAML", "text in UTF-8")]) from None
    try:
        settings = SettingsDocument.model_validate(_without_empty_rows(content)).airflow
    except ValidationError as error:
        raise SettingsError([_tell(path, details) for details in error.errors(include_url=False)]) from None
    if doubles := _find_doubles(path, settings):
        raise SettingsError(doubles)
    return settings


class _Loader(yaml.SafeLoader):
    """YAML without tags of Python's, in which a key stands once: PyYAML takes the last one in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} stands twice", key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _without_empty_rows(content: Any) -> Any:
    """Return the content without lists that are nothing and rows whose fields are all empty."""
    if not isinstance(content, dict) or not isinstance(content.get("airflow"), dict):
        return content
    lists = {
        name: [row for row in rows if not _is_empty(row)] if isinstance(rows, list) else rows
        for name, rows in content["airflow"].items()
        if rows is not None
    }
    return content | {"airflow": lists}


def _is_empty(row: Any) -> bool:
    return isinstance(row, dict) and all(value is None for value in row.values())


def _find_doubles(path: Path, settings: Settings) -> list[PipelineError]:
    mistakes: list[PipelineError] = []
    for kind, (_, identity) in _KINDS.items():
        names = [getattr(row, identity) for row in getattr(settings, kind)]
        for index, name in enumerate(names):
            if name in names[:index]:
                where = f"{path}: airflow.{kind}[{index}].{identity}"
                what = f"{name!r} stands at airflow.{kind}[{names.index(name)}] too"
                mistakes.append(PipelineError(where, what, next_step="keep one of them"))
    return mistakes


def _tell(path: Path, details: Any) -> PipelineError:
    """Return one of pydantic's findings as a mistake."""
    place = details["loc"]
    names = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
    where = f"{path}: {names}" if names else str(path)
    match details["type"]:
        case "extra_forbidden":
            fields = _fields_beside(place)
            return PipelineError(where, "there is no such field", f"allowed: {', '.join(fields)}")
        case "missing":
            return PipelineError(where, "is missing")
        case "string_type":
            return PipelineError(where, "is not text", next_step="put it in quotes")
        case "string_pattern_mismatch":
            return PipelineError(where, f"{details['input']!r}", "letters, digits, _, . and -")
        case "int_type":
            return PipelineError(where, "is no whole number", next_step="write one, without quotes")
    what = str(details["msg"])
    if place and place[-1] in _SHOWN:
        what = f"{details['input']!r}: {what}"
    return PipelineError(where, what)


def _fields_beside(place: tuple[int | str, ...]) -> list[str]:
    if len(place) < 2:
        return list(SettingsDocument.model_fields)
    kind = place[1] if len(place) > 2 else ""
    return list((_KINDS[str(kind)][0] if kind in _KINDS else Settings).model_fields)
