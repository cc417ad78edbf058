"""`pipeline settings …`"""

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.connect import read_deployment
from pipeline.cli.output import AsJson, print_json, print_line
from pipeline.deployment.home import code_root
from pipeline.environment import AirflowLogin, Up

app = typer.Typer(
    help="Apply Airflow's connections, pools and variables from airflow_settings.yaml.", no_args_is_help=True
)

SettingsPath = Annotated[Path | None, typer.Option("--file", help="The file; airflow_settings.yaml of the checkout.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done; write nothing.")]
Development = Annotated[bool, typer.Option("--development", help="Write Astro's development login as well.")]


@app.callback()
def settings() -> None:
    """Apply Airflow's connections, pools and variables from airflow_settings.yaml."""


@app.command("apply")
def apply(
    file: SettingsPath = None, dry_run: DryRun = False, development: Development = False, as_json: AsJson = False
) -> None:
    """Create what is missing in Airflow and change what differs, but delete nothing; running it twice is harmless."""
    from pipeline.airflow_client.api import AirflowApi
    from pipeline.deployment.airflow_settings import TRAINING_POOL
    from pipeline.deployment.settings import SETTINGS_FILE, apply_settings, read_settings

    wanted = read_settings(file or code_root() / SETTINGS_FILE)
    environ, slots = _find_deployment()
    if slots is not None:
        wanted = wanted.with_slots(TRAINING_POOL, slots)
    outcomes = []
    for outcome in apply_settings(
        AirflowApi.from_environment(environ), wanted, environ, dry_run=dry_run, development=development
    ):
        outcomes.append(outcome)
        if not as_json:
            note = f"  {outcome.note}" if outcome.note else ""
            print_line(f"{outcome.kind:<10}  {outcome.name:<20}  {outcome.state}{note}")
    if as_json:
        print_json({"dry_run": dry_run, "settings": [asdict(outcome) for outcome in outcomes]})
    raise typer.Exit(1 if any(outcome.state == "failed" for outcome in outcomes) else 0)


def _find_deployment() -> tuple[Mapping[str, str], int | None]:
    """Return the environment that names an Airflow, and the training pool's size unless the file decides it."""
    slots = Up.read().training_slots
    if AirflowLogin.read().url:  # the settings of this machine's deployment do not apply to another one
        return os.environ, slots
    from pipeline.deployment.airflow_settings import count_slots

    return read_deployment("PIPELINE_AIRFLOW_URL is not set") | os.environ, count_slots(slots)
