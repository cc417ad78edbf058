"""`pipeline users …`"""

import sys
from typing import Annotated

import typer

from pipeline.cli.connect import home
from pipeline.cli.output import AsJson, print_json, print_line, print_table
from pipeline.deployment.home import Home

app = typer.Typer(help="List, add and remove those who may log in to Airflow on this machine.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The user's name.")]
_ROLE = (
    "viewer reads; user also trains and moves aliases; op also changes pools and connections; admin may do everything."
)


@app.command("list")
def list_users(as_json: AsJson = False) -> None:
    """List who may log in, and as what."""
    from pipeline.deployment.users import read_users

    rows = [(name, user.role, user.added_at) for name, user in sorted(read_users(_deployment()).items())]
    columns = ("name", "role", "added_at")
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        print_table(("name", "role", "added at"), rows)


@app.command("add")
def add_user(
    name: Name,
    role: Annotated[str, typer.Option(help=_ROLE)],
    password_stdin: Annotated[
        bool, typer.Option(help="Read the password from stdin; by default, one is made.")
    ] = False,
) -> None:
    """Let somebody log in from now on; no restart is needed."""
    from pipeline.deployment.lock import hold_lock
    from pipeline.deployment.users import add_user

    place = _deployment()
    given = sys.stdin.read().removesuffix("\n").removesuffix("\r") if password_stdin else None
    with hold_lock(place.lock, print_line):
        password = add_user(place, name, role, given)
    print_line(f"{name} can log in now, as {role}")
    if given is None:
        shown = password if sys.stdout.isatty() else f"in {place.airflow_passwords}"
        print_line(f"Password: {shown}")


@app.command("remove")
def remove_user(name: Name) -> None:
    """Let somebody log in no longer, and end what they have logged in to."""
    from pipeline.deployment.lock import hold_lock
    from pipeline.deployment.users import remove_user

    place = _deployment()
    with hold_lock(place.lock, print_line):
        remove_user(place, name)
    print_line(f"{name} can no longer log in; Airflow refuses their tokens from now on")


def _deployment() -> Home:
    """Return this machine's deployment; raise DeploymentError if there is none."""
    from pipeline.deployment.record import Record

    place = Home(home())
    Record.read(place)
    return place
