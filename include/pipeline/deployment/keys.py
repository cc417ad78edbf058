"""Checks that the keys with which the deployment's examples are encrypted exist."""

from collections.abc import Mapping

from pipeline.deployment.home import Home
from pipeline.deployment.record import Record, Secrets
from pipeline.deployment.roles import OWNER, role_url
from pipeline.environment import ExamplesKeys
from pipeline.errors import DeploymentError
from pipeline.examples.identity import fingerprint
from pipeline.examples.keyring import KeyRing
from pipeline.stores.database import Database
from pipeline.stores.examples.survey import ExamplesSurvey


def check_keys(home: Home, record: Record, secrets: Secrets, environ: Mapping[str, str] | None = None) -> None:
    """Check the key file against the examples; make a new file only if no example needs the missing one.

    Raises:
        DeploymentError: the file is missing or is another one, and there are examples.
        KeyRingError: it cannot be read, or others can read it.
        DatabaseUnavailableError: the server does not answer.
    """
    if ExamplesKeys.read(environ).inline:
        return
    url = role_url(record, secrets, OWNER, "examples")
    survey = ExamplesSurvey(Database.from_url("examples_db", url, str(home.path)))
    if home.examples_keys.exists():
        known = survey.fingerprint()
        if known not in (None, fingerprint(KeyRing.from_file(home.examples_keys).digest_key)) and survey.key_ids():
            raise _lost(home, "is not the file that the examples were loaded with", survey)
        return
    if survey.key_ids():
        raise _lost(home, "is missing", survey)
    KeyRing.generate().save(home.examples_keys)


def _lost(home: Home, what: str, survey: ExamplesSurvey) -> DeploymentError:
    ids = survey.key_ids()
    examples = f"{sum(ids.values()):,} examples are encrypted with its keys ({', '.join(sorted(ids))})"
    return DeploymentError(
        str(home.examples_keys),
        f"{what}, and {examples}: without it they cannot be read or trained on; models and runs are not affected",
        next_step="restore the file from a backup, then run `pipeline up`; without a backup, set PIPELINE_HOME to a "
        "new folder and load the examples again",
    )
