"""Bring an Airflow to what the settings say, through its REST API: create and change, delete nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Literal

from pipeline.airflow_client.api import AirflowApi
from pipeline.deployment.settings.compare import Likeness
from pipeline.deployment.settings.items import Item, list_items
from pipeline.deployment.settings.schema import Settings
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
_HIDDEN = "written again, for Airflow does not show it"
_DEVELOPMENT = "Astro's development server, which is there under `astro dev start` only: set {}, or say --development"


@dataclass(frozen=True)
class Outcome:
    """What became of one connection, pool or variable; the note says what of it, why, or what failed."""

    kind: str
    name: str
    state: State
    note: str = ""


def apply_settings(
    api: AirflowApi, settings: Settings, environ: Mapping[str, str], *, dry_run: bool = False, development: bool = False
) -> Iterator[Outcome]:
    """Apply one after the other, and yield each as it is done; what fails keeps no other from being applied.

    Args:
        api: whose user may write connections, pools and variables.
        settings: what Airflow is to have.
        environ: a connection or variable that is there by Airflow's own variable is not written.
        dry_run: only look.
        development: write Astro's development login too.

    Raises:
        DeploymentError: the server does not answer at first, or refuses the user.
    """
    _ = api.token  # one refusal in place of one for each
    for item in list_items(settings):
        if environ.get(item.variable):
            yield Outcome(item.kind, item.name, "from the environment", item.variable)
        elif item.development and not development:
            yield Outcome(item.kind, item.name, "left out", _DEVELOPMENT.format(item.variable))
        else:
            try:
                yield _apply(api, item, dry_run)
            except DeploymentError as error:
                yield Outcome(item.kind, item.name, "failed", str(error))


def _apply(api: AirflowApi, item: Item, dry_run: bool) -> Outcome:
    outcome = Outcome(item.kind, item.name, "unchanged")
    status, shown = api.call("GET", item.path)
    if status == HTTPStatus.NOT_FOUND:
        if dry_run:
            return replace(outcome, state="would be created")
        _check(item, api.call("POST", item.collection, item.body))
        return replace(outcome, state="created")
    _check(item, (status, shown))
    differences = item.find_differences(shown)
    if differences and not dry_run:
        path, body = item.change_of(differences)
        _check(item, api.call("PATCH", path, body))
    changed = [name for name, likeness in differences.items() if likeness is Likeness.DIFFERENT]
    if changed:
        return replace(outcome, state="would be changed" if dry_run else "changed", note=", ".join(changed))
    if differences:
        note = "not shown by Airflow, so not compared" if dry_run else _HIDDEN
        return replace(outcome, note=f"{', '.join(differences)}: {note}")
    return outcome


def _check(item: Item, answer: tuple[int, Any]) -> None:
    """Raise what Airflow refused, in its words, without the values that it repeats: one may be a password."""
    status, content = answer
    if status < HTTPStatus.BAD_REQUEST:
        return
    detail = content.get("detail") if isinstance(content, dict) else None
    if isinstance(detail, list):
        reason = "; ".join(f"{'.'.join(map(str, part.get('loc', ())[1:]))}: {part.get('msg')}" for part in detail)
    elif isinstance(detail, dict):
        reason = str(detail.get("reason", ""))
    else:
        reason = str(detail or "")
    next_step = ""
    if status == HTTPStatus.FORBIDDEN:
        next_step = "log in as a user who may write connections, pools and variables"
    what = f"Airflow answered {status}" + (f" ({reason})" if reason else "")
    raise DeploymentError(f"{item.kind} {item.name}", what, next_step=next_step)
