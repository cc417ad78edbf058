"""Prune what is old: models and runs, messages that nobody has consumed, and on one machine Airflow's part."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from pipeline.log import get_logger
from pipeline.notifications.queue import open_queue
from pipeline.runs.connections import Connections
from pipeline.stores.author import Author
from pipeline.stores.models.prune import Policy, PruneStore

log = get_logger(__name__)


class Cleaner(Protocol):
    """Airflow's own tables and logs, where this process can clean them."""

    def clean(self, before: datetime, *, delete: bool) -> tuple[int, int]:
        """Return the bytes and the number of log folders from before a moment, and delete them and older rows."""
        ...


@dataclass(slots=True)
class Pruned:
    """How much was pruned, or would be: what each number counts is its name."""

    models: int = 0
    model_bytes: int = 0
    runs: int = 0
    evaluations: int = 0
    split_accounts: int = 0
    messages: int = 0
    log_bytes: int = 0
    log_folders: int = 0

    def to_dict(self) -> dict[str, int]:
        """Return it as JSON values."""
        return asdict(self)


def preview(policy: Policy, connections: Connections, cleaner: Cleaner | None) -> tuple[Pruned, list[dict[str, Any]]]:
    """Return what `prune` would delete, and the models that it would; nothing is changed."""
    store = PruneStore(connections.models_db, policy)
    models = store.list_models()
    found = Pruned(len(models), sum(model["size_bytes"] for model in models))
    found.runs = len(store.list_runs([model["model_id"] for model in models]))
    found.evaluations = store.count_evaluations()
    found.split_accounts = store.count_split_accounts()
    with open_queue(connections.notifications_url) as queue:
        found.messages = queue.count_old(policy.days)
    if cleaner is not None:
        found.log_bytes, found.log_folders = cleaner.clean(store.find_moment(), delete=False)
    return found, models


def prune(
    policy: Policy,
    connections: Connections,
    author: Author,
    cleaner: Cleaner | None,
    on_progress: Callable[[Pruned], None] = lambda _: None,
) -> Pruned:
    """Delete what the policy lets go, and return how much that was. Interrupted, it goes on when it is run again.

    Trainings go on meanwhile: each part is a short transaction, and no table is locked.

    Args:
        policy: what is kept.
        connections: the models database and the queue.
        author: who prunes, and why.
        cleaner: of Airflow's part; None leaves it.
        on_progress: called after each part.
    """
    store, done = PruneStore(connections.models_db, policy), Pruned()
    with connections.models_db.kept_open():
        done.evaluations = store.delete_evaluations()
        for deleted in store.delete_models(author):
            done.models += len(deleted)
            done.model_bytes += sum(model["size_bytes"] for model in deleted)
            on_progress(done)
        for count in store.delete_runs():
            done.runs += count
            on_progress(done)
        done.split_accounts = store.delete_rest()
    with open_queue(connections.notifications_url) as queue:
        done.messages = queue.delete_old(policy.days)
    if cleaner is not None:
        done.log_bytes, done.log_folders = cleaner.clean(store.find_moment(), delete=True)
    log.info("pruned", **done.to_dict())
    return done
