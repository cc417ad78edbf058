"""Watch a run to its end."""

import time
from collections.abc import Collection
from typing import Any

import typer

from pipeline.airflow_client.api import ENDED_RUN_STATES, AirflowApi
from pipeline.cli.choice import format_score, title_score
from pipeline.cli.connect import home, ledger
from pipeline.cli.console import console
from pipeline.cli.leaderboard import print_leaderboard
from pipeline.cli.output import print_disk_trouble, print_json, print_line, warn
from pipeline.errors import AirflowUnavailableError, DatabaseUnavailableError, PipelineError
from pipeline.stores.disk import find_trouble
from pipeline.stores.models.ledger import FINAL_STATES

POLL_SECONDS = 0.5
# A restart takes seconds and needs no message. If nothing listens at the address, the server may never come back.
QUIET_SECONDS = 10
ABSENT_SECONDS = 90
# An Airflow that answers but cannot work waits for its database or its disk, so for a person to make room.
PATIENCE_SECONDS = 3600


def follow_to_end(
    airflow: AirflowApi, run_id: str, count: int, *, as_json: bool, but: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Print each definition as it ends, and the leaderboard when the run has; return the definitions.

    Args:
        count: the number of definitions to wait for; 0 if unknown.
        but: labels that ended before this wait began.

    Raises:
        typer.Exit: the run did not succeed.
    """
    state = _follow(airflow, run_id, count, but, quiet=as_json)
    definitions, url = ledger().list_definitions(run_id), airflow.run_url(run_id)
    if as_json:
        print_json({"run": run_id, "url": url, "state": state, "definitions": definitions})
    else:
        print_leaderboard(definitions)
    if state != "success":
        if not definitions and not as_json:
            print_line(f"The run failed before anything was trained: {url} says why.")
        raise typer.Exit(1)
    return definitions


def _follow(airflow: AirflowApi, run_id: str, count: int, but: Collection[str], *, quiet: bool) -> str:
    """Print each definition as it ends until the run has ended; return the run's state."""
    told = set(but)
    patience = Patience(f"`pipeline runs show {run_id}`")
    while True:
        try:
            state = airflow.get_run_state(run_id)
            definitions = ledger().list_definitions(run_id)
        except (AirflowUnavailableError, DatabaseUnavailableError) as error:
            patience.bear(error)
            time.sleep(POLL_SECONDS)
            continue
        patience.renew()
        # reused definitions ended before anything began
        ended = [row for row in definitions if row["state"] in FINAL_STATES and not row["duplicate_of"]]
        for definition in sorted(ended, key=lambda row: (row["ended_at"] is not None, row["ended_at"])):
            if definition["label"] not in told:
                told.add(definition["label"])
                if not quiet:
                    _print_result(definition, len(told) - len(but), count)
        if state in ENDED_RUN_STATES:
            return state
        time.sleep(POLL_SECONDS)


class Patience:
    """How long a command waits for a server that stopped answering; the run itself continues without the command.

    Args:
        see: where to see how the run goes on, such as a command.
    """

    def __init__(self, see: str) -> None:
        self._see = see
        self._last_answer = time.monotonic()
        self._told = False

    def bear(self, error: PipelineError) -> None:
        """Return while waiting is worthwhile, and say once what is waited for; raise the error otherwise."""
        waited = time.monotonic() - self._last_answer
        if waited > PATIENCE_SECONDS or (waited > ABSENT_SECONDS and _is_absent(error)):
            see = f"the run continues: see {self._see}"
            next_step = "; ".join(part for part in (see, error.next_step) if part)
            raise type(error)(error.where, error.what, error.allowed, next_step) from error
        if waited > QUIET_SECONDS and not self._told:
            self._told = True
            warn(f"{error}\nWaiting for it; the run continues even without this command.")
            print_disk_trouble(home(), said=str(error))

    def renew(self) -> None:
        """Record that the server has answered."""
        if self._told:
            warn("It answers again.")
        self._last_answer, self._told = time.monotonic(), False


def _is_absent(error: PipelineError) -> bool:
    """Return whether nothing listens at Airflow's address, unless a full disk explains that."""
    return isinstance(error, AirflowUnavailableError) and not error.answered and find_trouble(home()) is None


def _describe(definition: dict[str, Any]) -> str:
    return f"{title_score(definition)} {format_score(definition)}"


def _print_result(definition: dict[str, Any], number: int, count: int) -> None:
    match definition["state"]:
        case "trained":
            result = f"{_describe(definition)} in {definition['training_seconds']:.1f} s"
        case "reused":
            result = f"{_describe(definition)}, reused version {definition['version']}"
        case "stopped":
            result = f"stopped: {definition['error']}"
        case state:
            result = f"[red]{state}[/]"
    console.print(
        f"  {number:>{len(str(count))}}{f'/{count}' if count else ''}  {definition['label']}  {result}", highlight=False
    )
