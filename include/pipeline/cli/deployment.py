"""`pipeline up | down | status`"""

import typer


def add_commands(app: typer.Typer) -> None:
    """Add the deployment's commands to the root command."""
