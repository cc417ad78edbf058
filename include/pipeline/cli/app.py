"""The `pipeline` command. Each group of commands is a module of this package with an `app` of its own."""

import os
import sys

import structlog
import typer

from pipeline.cli import aliases, deployment, examples, models, notifications, plan, prepared, runs, settings
from pipeline.cli.output import fail, print_disk_trouble
from pipeline.cli.train import train
from pipeline.deployment.home import find_home
from pipeline.errors import BrokerUnavailableError, DeploymentError, PipelineError
from pipeline.stores.disk import tell_os_error

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
    """Run the command line; a `PipelineError`, or a disk that is full, becomes a sentence on stderr and exit code 1."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for what was asked for
    home = find_home(os.environ.get("PIPELINE_HOME"))
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # here, where it can still be said that it failed
    except PipelineError as error:
        fail(error)
        if isinstance(error, (DeploymentError, BrokerUnavailableError)):
            print_disk_trouble(home, said=str(error))
        sys.exit(1)
    except BrokenPipeError:  # whoever read has read enough
        _close_stdout()
        sys.exit(1)
    except OSError as error:
        trouble = tell_os_error(error, home)
        if trouble is None:
            raise
        fail(PipelineError(str(error.filename or "disk"), trouble.what, next_step=trouble.next_step))
        _close_stdout()
        sys.exit(1)


def _close_stdout() -> None:
    """Throw away what could not be written, which Python would otherwise try again at its end, and complain."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - until the process ends
