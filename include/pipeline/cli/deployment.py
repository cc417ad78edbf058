"""`pipeline up | down | status | env | migrate | airflow`"""

import os
import shlex
import sys
from dataclasses import asdict

import typer

from pipeline.cli.connect import complete_environment, home
from pipeline.cli.output import AsJson, print_disk_trouble, print_json, print_problem, print_table


def up() -> None:
    """Start everything on this machine, and wait until it is healthy."""
    from pipeline.cli.console import console
    from pipeline.deployment.start import start

    try:
        found, secrets = start(home(), _say)
    except KeyboardInterrupt:
        print_problem("Interrupted; some programs may run: `pipeline up` continues, `pipeline down` stops them.")
        raise
    console.print(f"Up: [bold]{found.ui}[/]  state in {found.home}", highlight=False, soft_wrap=True)
    if sys.stdout.isatty():
        console.print(f"User admin, password {secrets.admin_password}", highlight=False)
    else:
        console.print(f"User admin, password in {found.home}/secrets.json", highlight=False, soft_wrap=True)


def down() -> None:
    """Stop everything; running it twice is harmless."""
    from pipeline.deployment.stop import stop

    ended = stop(home(), _say)
    if ended is None:
        typer.echo(f"Down: no deployment in {home()}.")
    else:
        typer.echo(f"Down: ended {ended} processes." if ended else "Down: nothing was running.")
        print_disk_trouble(home())


def status(as_json: AsJson = False) -> None:
    """Show what runs and what is wrong; exit code 0 only if everything is healthy."""
    from pipeline.deployment.condition import read_status

    found = read_status(home())
    if as_json:
        print_json({**asdict(found), "healthy": found.healthy})
    else:
        print_table(
            ("program", "state", "pid", "uptime", "health"),
            [
                (program.name, program.state, program.pid, _duration(program.uptime_seconds), program.health)
                for program in found.programs
            ],
        )
        typer.echo(f"\nAirflow     {found.ui or 'unknown'}  (user admin, password in {found.home}/secrets.json)")
        typer.echo(f"Tasks       {found.execution_api or 'unknown'}")
        service = found.service or {"url": "unknown", "models": None}
        typer.echo(f"Service     {service['url']}  (token in {found.home}/secrets.json)")
        for model in service["models"] or ():
            version = f"{model['label']}@{model['version']}" if model["label"] else "not in service yet"
            trouble = f": {model['trouble']['what']}" if model["trouble"] else ""
            typer.echo(f"            {model['model']}  {version}{trouble}")
        typer.echo(f"PostgreSQL  {found.postgres or 'unknown'}\nState       {found.home}")
        for problem in found.problems:
            print_problem(problem)
    raise typer.Exit(0 if found.healthy else 1)


def env() -> None:
    """Print the deployment's environment, for `eval "$(pipeline env)"`."""
    from pipeline.deployment.variables import environment

    for name, value in environment(home()).items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def migrate() -> None:
    """Migrate every database that the environment names to this version's schema; `up` does so on one machine."""
    from pipeline.deployment.migrate import migrate_everything

    migrate_everything(complete_environment(), _say)


def airflow(context: typer.Context) -> None:
    """Run Airflow's own command line on this deployment: `pipeline airflow dags list`."""
    from pipeline.deployment.programs import airflow_command
    from pipeline.deployment.variables import environment

    command = airflow_command(*context.args)
    os.execve(command[0], command, {**os.environ, **environment(home())})  # noqa: S606 (a command of this project)


def _say(sentence: str) -> None:
    from pipeline.cli.console import errors

    errors.print(sentence, style="dim", highlight=False, soft_wrap=True)


def _duration(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"
