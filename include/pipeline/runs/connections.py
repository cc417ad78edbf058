"""Everything outside the process that the product talks to, found in the environment.

The variables are Airflow's own (`AIRFLOW_CONN_…`), so that a task, the command line and a notebook share one
setting. Where a variable is missing, the deployment on this machine supplies it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from pipeline.cache.store import PreparedStore
from pipeline.deployment import environment
from pipeline.deployment.home import find_home
from pipeline.errors import DeploymentError
from pipeline.examples.keyring import KeyRing
from pipeline.stores.database import Database
from pipeline.training.cores import Cores


@dataclass(frozen=True)
class Connections:
    """The examples and models databases, the notification queue's broker, and the key ring."""

    examples_db: Database
    models_db: Database
    notifications_url: str
    environ: Mapping[str, str]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Return the connections that the environment names.

        Raises:
            DeploymentError: a variable is missing and there is no deployment on this machine to supply it.
        """
        known = complete_environment(os.environ if environ is None else environ)
        home = known.get("PIPELINE_HOME")
        return cls(
            examples_db=Database.from_url("examples_db", known["AIRFLOW_CONN_EXAMPLES_DB"], home),
            models_db=Database.from_url("models_db", known["AIRFLOW_CONN_MODELS_DB"], home),
            notifications_url=known["AIRFLOW_CONN_NOTIFICATIONS"],
            environ=known,
        )

    @cached_property
    def keyring(self) -> KeyRing:
        """The keys that examples are encrypted with; read when first asked for."""
        return KeyRing.from_environment(self.environ)

    @cached_property
    def prepared(self) -> PreparedStore | None:
        """Where trainings keep what they share; nothing where the environment names no store."""
        return PreparedStore.from_environment(self.environ, self.keyring)

    @property
    def cores(self) -> Cores:
        """One training's turns on this machine's cores; nobody waits where the environment names no folder for it."""
        return Cores.from_environment(self.environ)


REQUIRED = ("AIRFLOW_CONN_EXAMPLES_DB", "AIRFLOW_CONN_MODELS_DB", "AIRFLOW_CONN_NOTIFICATIONS")


def complete_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment, completed by this machine's deployment where it does not say it all itself."""
    if all(name in environ for name in REQUIRED):
        return dict(environ)
    try:
        supplied = environment(find_home(environ.get("PIPELINE_HOME")))
    except DeploymentError as error:
        missing = ", ".join(name for name in REQUIRED if name not in environ)
        raise DeploymentError(
            error.where, f"{error.what}, and the environment lacks {missing}", error.allowed, error.next_step
        ) from None
    if "PIPELINE_EXAMPLES_KEYS" in environ:  # keys given by hand take the place of the deployment's file
        del supplied["PIPELINE_EXAMPLES_KEYS_FILE"]
    return supplied | dict(environ)
