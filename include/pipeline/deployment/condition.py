"""`pipeline status`: which programs run and what else is wrong, even if files are damaged or missing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.deployment.files import refuse_open
from pipeline.deployment.health import Status, observe
from pipeline.deployment.home import Home
from pipeline.deployment.processes import find_processes, is_supervisor
from pipeline.deployment.record import Record, Secrets
from pipeline.environment import ExamplesKeys
from pipeline.errors import DeploymentError, PipelineError
from pipeline.examples.keyring import KeyRing
from pipeline.stores.disk import find_trouble

_NO_SUPERVISOR = DeploymentError(
    "supervisord",
    "has ended, but programs that it started are still running: a program that ends now is not restarted",
    next_step="`pipeline up` ends them and starts everything again; `pipeline down` ends them",
)


def read_status(path: Path) -> Status:
    """Return the state of the deployment at `path`, as far as it can be found if its files are damaged or missing.

    Raises:
        DeploymentError: there is no deployment.
    """
    home = Home(path)
    record, secrets = _try(Record.read, home), _try(Secrets.read, home)
    known_record = record if isinstance(record, Record) else None
    processes = find_processes(home, known_record.id if known_record else None)
    if isinstance(record, DeploymentError) and not processes and not any(map(Path.exists, home.kept)):
        raise record
    found = observe(home, known_record, secrets if isinstance(secrets, Secrets) else None)
    problems: list[PipelineError] = [each for each in (record, secrets) if isinstance(each, PipelineError)]
    problems += _inspect_files(home)
    if processes and not any(map(is_supervisor, processes)):
        problems.append(_NO_SUPERVISOR)
    if trouble := find_trouble(path):
        problems.append(DeploymentError("disk", trouble.what, next_step=trouble.next_step))
    return replace(found, problems=tuple(map(str, problems)))


def _inspect_files(home: Home) -> Iterator[PipelineError]:
    """Yield what is wrong with the files that hold secrets, except those that have been read."""
    for path in home.secret_files:
        if path in (home.secrets, home.examples_keys):
            continue
        try:
            refuse_open(path)
        except DeploymentError as error:
            yield error
    if ExamplesKeys.read().inline:
        return
    if not home.examples_keys.exists():
        step = "`pipeline up` says what is lost with it"
        yield DeploymentError(str(home.examples_keys), "is missing", next_step=step)
        return
    try:
        KeyRing.from_file(home.examples_keys)
    except PipelineError as error:
        yield error


def _try(read: Callable[[Home], Record | Secrets], home: Home) -> Record | Secrets | DeploymentError:
    try:
        return read(home)
    except DeploymentError as error:
        return error
