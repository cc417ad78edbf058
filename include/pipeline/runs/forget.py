"""Forget examples: delete them, and if that is wanted the models that may have learnt from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.errors import ExamplesError
from pipeline.runs.connections import Connections
from pipeline.stores.author import Author
from pipeline.stores.examples.change import Chosen
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.removal import RemovalStore


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was deleted: a number of examples, and models by `label`, `version` and `run_id`."""

    examples: int
    models: list[dict[str, Any]]


def forget(
    connections: Connections,
    collection: str,
    chosen: Sequence[Chosen],
    moments: Sequence[datetime],
    author: Author,
    *,
    and_models: bool,
    and_aliases: bool,
) -> Forgotten:
    """Delete examples everywhere but in backups. Interrupted, it ends complete when it is run again.

    Models go before examples, which say which models they are; tables are written anew whether or not something is left
    to delete, because that may be what an interrupted call did not reach.

    Args:
        connections: the databases, with a role that owns their tables, and the cache.
        collection: the collection of all of them.
        chosen: the examples.
        moments: when they occurred.
        author: who forgets them, and why.
        and_models: also delete the models, and the evaluations, that had examples of that time.
        and_aliases: also remove aliases that point at such models.

    Raises:
        ExamplesError: a run is training, whose models may know the examples.
        PipelineError: an alias points at such a model, and `and_aliases` is false. Nothing is deleted.
    """
    removal, examples = RemovalStore(connections.models_db), ExamplesStore(connections.examples_db, connections.keyring)

    def delete_models() -> list[dict[str, Any]]:
        if not and_models:
            return []
        ids = [model["model_id"] for model in removal.list_trained_on(collection, moments)]
        gone = removal.delete_ids(ids, author, with_aliases=and_aliases)  # first, because an alias may refuse it
        removal.delete_evaluations_of(collection, moments)
        return gone

    if and_models:
        _refuse_training(Ledger(connections.models_db))
    models = delete_models()
    deleted = examples.delete(collection, chosen, author)
    models += delete_models()  # a run may have begun in between, and its training ended
    if connections.cache_store is not None:
        connections.cache_store.clear()
    if and_models:
        removal.rewrite()
    return Forgotten(deleted, models)


def _refuse_training(ledger: Ledger) -> None:
    open_runs = ledger.list_open_runs()
    if open_runs:
        raise ExamplesError(
            "forget --and-models",
            f"{', '.join(open_runs[:3])} may be training on them",
            next_step="wait until no run is open, or end it with `pipeline runs cancel`, then run this again",
        )
