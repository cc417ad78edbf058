"""The `pipeline` command."""

import os
import sys

import typer

from pipeline.cli.commands import LazyGroup
from pipeline.errors import BrokerUnavailableError, DeploymentError, PipelineError
from pipeline.extras import explaining_missing
from pipeline.log import print_to

app = typer.Typer(
    cls=LazyGroup,
    help="Train, score, store and announce every classifier in a training plan.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def pipeline() -> None:
    """Train, score, store and announce every classifier in a training plan."""


def main() -> None:
    """Run the command line; a `PipelineError` or a full disk becomes a sentence on stderr and exit code 1."""
    print_to(sys.stderr)  # stdout is for the result of the command
    if sys.stdout is None:  # closed by the caller, `>&-`
        _close_stdout()
    try:
        try:
            with explaining_missing():
                app()
        finally:
            sys.stdout.flush()  # here, where a failure can still be reported
    except PipelineError as error:
        _fail(error)
        sys.exit(1)
    except BrokenPipeError:  # the reader has closed the pipe
        _close_stdout()
        sys.exit(1)
    except OSError as error:
        from pipeline.cli.connect import home
        from pipeline.stores.disk import describe_os_error

        trouble = describe_os_error(error, home())
        if trouble is None:
            raise
        _fail(PipelineError(str(error.filename or "disk"), trouble.what, next_step=trouble.next_step))
        _close_stdout()
        sys.exit(1)


def _fail(error: PipelineError) -> None:
    from pipeline.cli.connect import home
    from pipeline.cli.output import fail, print_disk_trouble

    fail(error)
    if isinstance(error, (DeploymentError, BrokerUnavailableError)):
        print_disk_trouble(home(), said=str(error))


def _close_stdout() -> None:
    """Discard output that could not be written; otherwise Python would try again at exit and print an error."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - until the process ends
