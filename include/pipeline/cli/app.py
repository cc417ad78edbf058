"""The `pipeline` command. Each group of commands is a module of this package with an `app` of its own."""

import sys

import structlog
import typer

from pipeline.cli import aliases, deployment, examples, models, notifications, plan, prepared, runs, settings
from pipeline.cli.output import fail
from pipeline.cli.train import train
from pipeline.errors import PipelineError

app = typer.Typer(
    help="Train, score, store and announce every classifier in a training plan.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
deployment.add_commands(app)
app.add_typer(examples.app, name="examples")
app.add_typer(plan.app, name="plan")
app.command("train")(train)
app.add_typer(runs.app, name="runs")
app.add_typer(models.app, name="models")
app.add_typer(aliases.app, name="aliases")
app.add_typer(notifications.app, name="notifications")
app.add_typer(settings.app, name="settings")
app.add_typer(prepared.app, name="prepared")


def main() -> None:
    """Run the command line; a `PipelineError` becomes one sentence on stderr and exit code 1."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for what was asked for
    try:
        app()
    except PipelineError as error:
        fail(error)
        sys.exit(1)
