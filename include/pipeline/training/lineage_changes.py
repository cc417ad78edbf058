"""What is not as it was when a model was trained: code, libraries, processor, threads."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pipeline.plans.definition import Definition
from pipeline.threads import count_threads
from pipeline.training.lineage import digest_sources, list_libraries, read_code_version, read_python_version
from pipeline.training.machine import describe_machine


class Change(NamedTuple):
    """Something that decides a model and is not as it was.

    Attributes:
        kind: `library`, `class`, `code`, `python`, `machine` or `threads`.
        name: which of its kind; empty if there is only one.
        then: its value in the lineage.
        now: its value here.
    """

    kind: str
    name: str
    then: Any
    now: Any

    def __str__(self) -> str:
        place = f"{self.kind} {self.name}".strip()
        return f"{place}: {_write(self.then)} then, {_write(self.now)} now"


def list_changes(lineage: Mapping[str, Any], recipe: Definition) -> list[Change]:
    """Return what differs between a model's lineage and this process; what the lineage lacks is left out."""
    here: dict[str, Any] = {
        "code": read_code_version(),
        "python": read_python_version(),
        "threads": count_threads(),
    }
    told = {"code": "code_version", "python": "python", "threads": "threads"}
    single = [
        Change(kind, "", lineage[key], here[kind])
        for kind, key in told.items()
        if key in lineage and lineage[key] != here[kind]
    ]
    return [
        *_compare("library", lineage.get("libraries", {}), list_libraries(recipe)),
        *_compare("class", lineage.get("sources", {}), digest_sources(recipe)),
        *_compare("machine", lineage.get("machine", {}), describe_machine()),
        *single,
    ]


def _compare(kind: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted(then):
        if then[name] != now.get(name):
            yield Change(kind, name, then[name], now.get(name))


def _write(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
