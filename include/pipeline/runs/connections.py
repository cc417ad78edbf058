"""Everything outside the process that the product connects to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Self

from pipeline.environment import ConnectionUrls, Deployment, ExamplesKeys, Prepared
from pipeline.errors import DeploymentError
from pipeline.examples.keyring import KeyRing
from pipeline.stores.database import Database

if TYPE_CHECKING:
    from pipeline.cache.store import CacheStore


@dataclass(frozen=True)
class Connections:
    """The examples and models databases, the notification queue's broker, and what a training shares with others.

    Args:
        notifications_url: the broker's address.
        keys: where the keys come from with which examples are encrypted.
        shared: where trainings keep what they share.
    """

    examples_db: Database
    models_db: Database
    notifications_url: str
    keys: ExamplesKeys = field(default_factory=ExamplesKeys)
    shared: Prepared = field(default_factory=Prepared)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Return the connections that an environment names, by default that of this process.

        The variables are Airflow's own (`AIRFLOW_CONN_…`), so that a task, the command line and a notebook share one
        setting.

        Raises:
            DeploymentError: a variable is missing.
            PipelineError: a variable has an invalid value.
        """
        urls, home = ConnectionUrls.read(environ), Deployment.read(environ).home
        if urls.examples_db is None or urls.models_db is None or urls.notifications is None:
            next_step = 'set them; for the deployment on this machine, run eval "$(pipeline env)"'
            raise DeploymentError("environment", f"{', '.join(urls.missing)} not set", next_step=next_step)
        return cls(
            examples_db=Database.from_url("examples_db", urls.examples_db, home),
            models_db=Database.from_url("models_db", urls.models_db, home),
            notifications_url=urls.notifications,
            keys=ExamplesKeys.read(environ),
            shared=Prepared.read(environ),
        )

    @cached_property
    def keyring(self) -> KeyRing:
        """The keys with which examples are encrypted; read on first access."""
        return KeyRing.of(self.keys)

    @cached_property
    def cache_store(self) -> "CacheStore | None":
        """The store of the cache; None if the environment names no store."""
        if self.shared.store is None:
            return None
        # an installation that only answers lacks the library behind it
        from pipeline.cache.store import CacheStore

        return CacheStore.of(self.shared, self.keyring)
