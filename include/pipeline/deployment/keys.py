"""Whether the keys are there that the deployment's examples are encrypted with."""

from collections.abc import Mapping

from pipeline.deployment.home import Home
from pipeline.deployment.postgres import server_url
from pipeline.deployment.record import Record, Secrets
from pipeline.environment import ExamplesKeys
from pipeline.errors import DeploymentError
from pipeline.examples.identity import fingerprint
from pipeline.examples.keyring import KeyRing
from pipeline.stores.database import Database
from pipeline.stores.examples.survey import ExamplesSurvey


def check_keys(home: Home, record: Record, secrets: Secrets, environ: Mapping[str, str] | None = None) -> None:
    """Check the key file against the examples; make a new one only where no example needs the one that is gone.

    Raises:
        DeploymentError: the file is gone, or is another one, and there are examples.
        KeyRingError: it cannot be read, or others can read it.
        DatabaseUnavailableError: the server does not answer.
    """
    if ExamplesKeys.read(environ).inline:
        return
    url = server_url(record.postgres_port, secrets.postgres_password, "examples")
    survey = ExamplesSurvey(Database.from_url("examples_db", url, str(home.path)))
    if home.examples_keys.exists():
        known = survey.fingerprint()
        if known not in (None, fingerprint(KeyRing.from_file(home.examples_keys).digest_key)) and survey.key_ids():
            raise _lost(home, "is not the file that the examples were loaded with", survey)
        return
    if survey.key_ids():
        raise _lost(home, "is gone", survey)
    KeyRing.generate().save(home.examples_keys)


def _lost(home: Home, what: str, survey: ExamplesSurvey) -> DeploymentError:
    ids = survey.key_ids()
    examples = f"{sum(ids.values()):,} examples are encrypted with what was in it ({', '.join(sorted(ids))})"
    return DeploymentError(
        str(home.examples_keys),
        f"{what}, and {examples}: nobody can read them or train on them without it; models and runs are still there",
        next_step="restore the file from a backup, then `pipeline up`; where there is none, set PIPELINE_HOME to a new "
        "folder and load the examples again",
    )
