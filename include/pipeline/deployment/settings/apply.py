"""Change an Airflow to match the settings, through its REST API: create and change, delete nothing."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote

from pipeline.airflow_client.api import AirflowApi
from pipeline.deployment.settings.schema import HIDDEN, Settings
from pipeline.deployment.settings.uri import read_json
from pipeline.errors import DeploymentError

State = Literal[
    "created",
    "changed",
    "unchanged",
    "would be created",
    "would be changed",
    "from the environment",
    "left out",
    "failed",
]
_DEVELOPMENT = ("postgres", "postgres")
"""Host and password of the PostgreSQL that the Astro CLI starts, the same on every developer's machine."""
_LEFT_OUT = "Astro's development server, which exists only under `astro dev start`: set {}, or pass --development"


@dataclass(frozen=True)
class Outcome:
    """The result for one connection, pool or variable; the note names what changed, why, or what failed."""

    kind: str
    name: str
    state: State
    note: str = ""


@dataclass(frozen=True)
class _Item:
    """One object of the REST API: `fields` are compared and changed; the rest is also part of requests."""

    kind: str
    name: str
    fields: Mapping[str, Any]
    to_create: Mapping[str, Any]
    to_change: Mapping[str, Any]
    variable: str = ""

    @property
    def path(self) -> str:
        return f"/api/v2/{self.kind}s/{quote(self.name)}"

    @property
    def is_development(self) -> bool:
        return (self.fields.get("host"), self.fields.get("password")) == _DEVELOPMENT


def apply_settings(
    api: AirflowApi, settings: Settings, environ: Mapping[str, str], *, dry_run: bool = False, development: bool = False
) -> Iterator[Outcome]:
    """Apply the settings one by one, and yield each when it is done; a failure does not stop the others.

    Args:
        api: its user may write connections, pools and variables.
        settings: what Airflow should have.
        environ: a connection or variable that exists as Airflow's own variable is not written.
        dry_run: only compare.
        development: also write Astro's development login.

    Raises:
        DeploymentError: the server does not answer the first request, or refuses the user.
    """
    _ = api.token  # one refusal instead of one for each item
    for item in _list_items(settings):
        if environ.get(item.variable):
            yield Outcome(item.kind, item.name, "from the environment", item.variable)
        elif item.is_development and not development:
            yield Outcome(item.kind, item.name, "left out", _LEFT_OUT.format(item.variable))
        else:
            try:
                yield _apply(api, item, dry_run)
            except DeploymentError as error:
                yield Outcome(item.kind, item.name, "failed", str(error))


def _list_items(settings: Settings) -> Iterator[_Item]:
    """Yield the items of the settings, pools first: a task whose pool is missing waits for ever."""
    for pool in settings.pools:
        described = {} if pool.pool_description is None else {"description": pool.pool_description}
        fields: dict[str, Any] = {"slots": pool.pool_slot, **described}
        create = {"name": pool.name, "include_deferred": False}
        change = {"pool": pool.name, "slots": pool.pool_slot, "include_deferred": False}
        yield _Item("pool", pool.name, fields, create, change)
    for variable in settings.variables:
        key = {"key": variable.name}
        place = f"AIRFLOW_VAR_{variable.name.upper()}"
        yield _Item("variable", variable.name, {"value": variable.variable_value}, key, key, place)
    for connection in settings.connections:
        fields = connection.fields
        if "extra" in fields:
            fields["extra"] = json.dumps(fields["extra"])
        key = {"connection_id": connection.name, "conn_type": fields["conn_type"]}
        yield _Item("connection", connection.name, fields, key, key, f"AIRFLOW_CONN_{connection.name.upper()}")


def _apply(api: AirflowApi, item: _Item, dry_run: bool) -> Outcome:
    outcome = Outcome(item.kind, item.name, "unchanged")
    status, shown = api.call("GET", item.path)
    if status == HTTPStatus.NOT_FOUND:
        if dry_run:
            return replace(outcome, state="would be created")
        body = {**item.to_create, **item.fields}
        _check(item, api.call("POST", f"/api/v2/{item.kind}s", body))
        return replace(outcome, state="created")
    _check(item, (status, shown))
    found = {name: compare(value, shown.get(name)) for name, value in item.fields.items()}
    differing = [name for name, likeness in found.items() if likeness != "same"]
    if differing and not dry_run:
        mask = "&".join(f"update_mask={name}" for name in differing)
        body = {**item.to_change, **{name: item.fields[name] for name in differing}}
        _check(item, api.call("PATCH", f"{item.path}?{mask}", body))
    if changed := [name for name in differing if found[name] == "different"]:
        return replace(outcome, state="would be changed" if dry_run else "changed", note=", ".join(changed))
    if differing:
        note = "not shown by Airflow, so not compared" if dry_run else "written again, because Airflow does not show it"
        return replace(outcome, note=f"{', '.join(differing)}: {note}")
    return outcome


def compare(given: Any, shown: Any) -> Literal["same", "hidden", "different"]:
    """Return whether a value is what Airflow shows, may be what it hides, or differs; JSON is compared by meaning."""
    if isinstance(given, str) and isinstance(shown, str):
        given, shown = read_json(given), read_json(shown)
    if isinstance(shown, str) and HIDDEN in shown:
        # Airflow hides secrets within longer texts too: postgresql://user:***@host
        pattern = ".*".join(re.escape(part) for part in shown.split(HIDDEN))
        text = given if isinstance(given, str) else json.dumps(given)
        return "hidden" if re.fullmatch(pattern, text, re.DOTALL) else "different"
    pairs: list[tuple[Any, Any]] = []
    if isinstance(given, dict) and isinstance(shown, dict) and given.keys() == shown.keys():
        pairs = [(given[key], shown[key]) for key in given]
    elif isinstance(given, list) and isinstance(shown, list) and len(given) == len(shown):
        pairs = list(zip(given, shown, strict=True))
    elif type(given) is not type(shown) or given != shown:
        return "different"
    found = {compare(*pair) for pair in pairs}
    return "different" if "different" in found else "hidden" if "hidden" in found else "same"


def _check(item: _Item, answer: tuple[int, Any]) -> None:
    """Raise Airflow's refusal in its words, but without the values that it repeats: one may be a password."""
    status, content = answer
    if status < HTTPStatus.BAD_REQUEST:
        return
    detail = content.get("detail") if isinstance(content, dict) else None
    if isinstance(detail, list):
        detail = "; ".join(f"{'.'.join(map(str, part.get('loc', ())[1:]))}: {part.get('msg')}" for part in detail)
    elif isinstance(detail, dict):
        detail = detail.get("reason")
    what = f"Airflow answered {status}" + (f" ({detail})" if detail else "")
    forbidden = status == HTTPStatus.FORBIDDEN
    next_step = "log in as a user who may write connections, pools and variables" if forbidden else ""
    raise DeploymentError(f"{item.kind} {item.name}", what, next_step=next_step)
