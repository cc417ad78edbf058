"""A cache of the models that classify."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from pipeline.registry.database import ModelsDb
from pipeline.serialisation.document import join_document
from pipeline.stores.models.store import ModelsStore
from pipeline.training.adapted_model import AdaptedModel

MOST_BYTES: Final = 256 * 2**20
"""Total size of the documents of the models kept; a single larger one is loaded each time."""


class LoadedModels:
    """Models by their document's SHA-256; the least recently used are removed to make room. Threads may share it."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._models: OrderedDict[str, tuple[AdaptedModel, int]] = OrderedDict()
        self._loading = Lock()

    def get(self, database: ModelsDb, label: str, version: int, sha256: str) -> AdaptedModel:
        """Return a model, and load it if needed; one is loaded at a time, and callers wait.

        Raises:
            DocumentError: it cannot be loaded, or no longer answers as it did when it was trained.
        """
        with self._loading:
            if sha256 in self._models:
                self._models.move_to_end(sha256)
                return self._models[sha256][0]
            document = ModelsStore(database).get_document(label, version)
            model = AdaptedModel.from_dict(join_document(document))
            if document.sha256.hex() == sha256 and document.size_bytes <= self._most_bytes:
                self._models[sha256] = (model, document.size_bytes)
                while sum(size for _, size in self._models.values()) > self._most_bytes:
                    self._models.popitem(last=False)
            return model
