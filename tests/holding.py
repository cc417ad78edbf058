"""Trainings that go on for as long as a test needs them to."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pipeline.stores.database import Database

# what a model is stored under; tests/integration/stores/test_held_labels.py fails when it no longer is
LOCK_LABEL = "SELECT pg_advisory_xact_lock(hashtextextended(%(label)s, 0))"


@contextmanager
def held(models_db: Database, labels: Iterable[str]) -> Iterator[None]:
    """Keep trainings from ending while the block runs, however fast they are.

    Each of these trainings goes on to its last step and waits there, in the state `training`, for the lock of its
    label, until the block has ended or its process is killed.
    """
    with models_db.connection() as connection:
        for label in labels:
            connection.execute(LOCK_LABEL, {"label": label})
        yield


@contextmanager
def held_evaluations(models_db: Database, label: str) -> Iterator[None]:
    """Keep evaluations of a label's models from being stored while the block runs.

    Each goes on to its last step and waits there for the row of its model, until the block has ended or its process is
    killed.
    """
    with models_db.connection() as connection:
        connection.execute("SELECT FROM models WHERE label = %(label)s FOR UPDATE", {"label": label})
        yield
