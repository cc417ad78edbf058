"""A cache of the models that classify."""

from asyncio import Lock
from collections import OrderedDict
from typing import Final

from starlette.concurrency import run_in_threadpool

from pipeline.serialisation.document import join_document
from pipeline.stores.database import Database
from pipeline.stores.models.store import ModelsStore
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.memory import count_bytes

MOST_BYTES: Final = 256 * 2**20
"""Memory that the kept models take together; a single larger one is loaded each time."""


class LoadedModels:
    """Models by their document's SHA-256; the least recently used are removed to make room. For one event loop."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._models: OrderedDict[str, tuple[AdaptedModel, int]] = OrderedDict()
        self._loading = Lock()

    async def get(self, database: Database, label: str, version: int, sha256: str) -> AdaptedModel:
        """Return a model, and load it if needed; one is loaded at a time, and others wait without taking a thread.

        Raises:
            DocumentError: it cannot be loaded, or no longer answers as it did when it was trained.
        """
        if sha256 not in self._models:
            async with self._loading:
                if sha256 not in self._models:
                    found, model, size_bytes = await run_in_threadpool(_load, database, label, version)
                    if found != sha256 or size_bytes > self._most_bytes:
                        return model
                    self._keep(sha256, model, size_bytes)
        self._models.move_to_end(sha256)
        return self._models[sha256][0]

    def _keep(self, sha256: str, model: AdaptedModel, size_bytes: int) -> None:
        self._models[sha256] = (model, size_bytes)
        while sum(size for _, size in self._models.values()) > self._most_bytes:
            self._models.popitem(last=False)


def _load(database: Database, label: str, version: int) -> tuple[str, AdaptedModel, int]:
    """Return the SHA-256 of a stored document, its model, and how much memory that takes."""
    document = ModelsStore(database).get_document(label, version)
    model = AdaptedModel.from_dict(join_document(document))
    return document.sha256.hex(), model, count_bytes(model)
