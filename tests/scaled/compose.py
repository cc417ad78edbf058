"""docker-compose.yaml as Docker Compose reads it: variables filled in, anchors merged, environment files included."""

import re
import runpy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yaml"
# What lets its owner read or change everything: Airflow's database, its tokens, its encrypted connections.
METADATA_SECRETS = (
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__API__SECRET_KEY",
)
_UNITS = {"k": 2**10, "m": 2**20, "g": 2**30}
_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\})")


@dataclass(frozen=True)
class Service:
    """What this file says of one service, as far as running it goes."""

    name: str
    command: list[str]
    environment: dict[str, str]
    depends_on: dict[str, str]
    restart: str
    profiles: list[str]
    memory_bytes: int | None
    stop_seconds: int
    health: list[str] | None
    volumes: dict[str, str] = field(default_factory=dict)


def fill_in(text: str, variables: Mapping[str, str]) -> str:
    """Return a text with `${NAME}`, `${NAME:-default}` and `${NAME:?message}` replaced, and `$$` by `$`.

    Raises:
        KeyError: a variable that must be set is not; with its message.
    """

    def replace(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        if value := variables.get(match["name"]):
            return value
        if match["kind"] == "?":
            raise KeyError(f"{match['name']}: {match['rest']}")
        return match["rest"] or ""

    return _VARIABLE.sub(replace, text)


def read_compose(variables: Mapping[str, str], path: Path = COMPOSE_FILE) -> dict[str, Service]:
    """Return the services of a Compose file by name."""
    content = _fill_in_all(yaml.safe_load(path.read_text()), variables)
    return {name: _service(name, block, path.parent) for name, block in content["services"].items()}


def _fill_in_all(node: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _fill_in_all(value, variables) for key, value in node.items()}
    if isinstance(node, list):
        return [_fill_in_all(value, variables) for value in node]
    return fill_in(node, variables) if isinstance(node, str) else node


def _service(name: str, block: dict[str, Any], folder: Path) -> Service:
    environment: dict[str, str] = {}
    files = block.get("env_file", [])
    for file in [files] if isinstance(files, str) else files:
        lines = (line for line in (folder / file).read_text().splitlines() if line and not line.startswith("#"))
        environment |= dict(line.split("=", 1) for line in lines)
    environment |= {key: str(value) for key, value in block.get("environment", {}).items()}
    memory = block.get("mem_limit")
    volumes = (volume.split(":") for volume in block.get("volumes", []))
    return Service(
        name=name,
        command=[*block.get("entrypoint", []), *block.get("command", [])],
        environment=environment,
        depends_on={other: rule["condition"] for other, rule in block.get("depends_on", {}).items()},
        restart=block["restart"],
        profiles=block.get("profiles", []),
        memory_bytes=int(memory[:-1]) * _UNITS[memory[-1]] if memory else None,
        stop_seconds=_seconds(block.get("stop_grace_period", "10s")),
        health=_health(block.get("healthcheck", {}).get("test")),
        volumes={inside: outside for outside, inside, *_ in volumes},
    )


def _seconds(text: str) -> int:
    return int(text[:-1]) * {"s": 1, "m": 60}[text[-1]]


def _health(test: list[str] | None) -> list[str] | None:
    if test is None:
        return None
    return ["sh", "-c", test[1]] if test[0] == "CMD-SHELL" else test[1:]


def make_variables(**others: str) -> dict[str, str]:
    """Return what a new `.env` would hold, and `others`."""
    lines = runpy.run_path(str(ROOT / "deploy/make_env.py"))["make_env"]().splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#")) | others
