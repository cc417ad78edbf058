"""Make something once, wherever it is asked for."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from pipeline.cache.entry import Entry, PackedEntry
from pipeline.cache.lock import lock
from pipeline.cache.store import PreparedStore
from pipeline.clock import Clock
from pipeline.components.options import canonical_json
from pipeline.stores.database import Database

T = TypeVar("T")
log = structlog.get_logger(__name__)

_WORTH_BYTES_A_SECOND = 2**28
"""What is made faster than it is read back at this speed is not kept; disks do better, buckets seldom much worse."""
_SMALL_BYTES = 2**16  # reading that it is not kept takes as long
_FINDING = "finding"


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of thing that is kept.

    Attributes:
        name: what the log calls it; part of an entry's name.
        pack: returns the thing as JSON values and arrays.
        unpack: returns the same thing again.
    """

    name: str
    pack: Callable[[T], Any]
    unpack: Callable[[Any], T]


class Cache:
    """What trainings have in common: found in a store, or made and kept there.

    Of several that need the same at once, one makes it and the others wait for its lock in the models database:

    ```text
    worker A   finds none   gets the lock    makes it, keeps it   frees the lock
    worker B     finds none   waits for the lock ................ gets it, finds what A kept
    worker C                                                            finds what A kept
    ```

    For one thread of one training.

    Args:
        store: where it is kept; without one everything is made.
        database: whose locks decide who makes it.
        waiting: a block around every wait for another worker.
    """

    def __init__(
        self,
        store: PreparedStore | None = None,
        database: Database | None = None,
        waiting: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._store = store
        self._database = database
        self._waiting = waiting
        self._making = Clock()
        self.saved_seconds: dict[str, float] = {}
        """What was found, by the name of its kind, and how much longer it took to make than to read."""

    @property
    def shares(self) -> bool:
        """Whether there is a store; without one no key is needed."""
        return self._store is not None

    def get(self, kind: Kind[T], key: Mapping[str, Any] | None, make: Callable[[], T]) -> T:
        """Return what a key stands for, the same whether it was made here or elsewhere.

        Args:
            kind: what is asked for.
            key: all that decides what is made, as JSON values; where it is None, it is made and not kept.
            make: makes it; what it raises is raised, and the next one tries again.

        Raises:
            DatabaseUnavailableError: the database that has the locks does not answer.
        """
        if self._store is None or self._database is None or key is None:
            return make()
        name = hashlib.sha256(f"{kind.name}\0{canonical_json(key)}".encode()).hexdigest()
        with self._making.charging(_FINDING):  # so that whatever needs this is not charged for it
            entry = self._store.read(name)
            if entry is None:
                with lock(self._database, f"{self._store.id} {name}", kind.name, self._waiting):
                    entry = self._store.read(name)
                    if entry is None:
                        return self._make(self._store, name, kind, make)
            return make() if entry.tree is None else self._take(entry, kind)

    def close_idle(self) -> None:
        """Close connections that are kept open, before something that takes long and needs none."""
        if self._database is not None:
            self._database.close_idle()

    def _make(self, store: PreparedStore, name: str, kind: Kind[T], make: Callable[[], T]) -> T:
        with self._making.charging(name):
            made = make()
        seconds = self._making.seconds[name]
        entry = PackedEntry(kind.pack(made), seconds)
        worth_bytes = max(seconds * _WORTH_BYTES_A_SECOND, _SMALL_BYTES)
        kept = entry.size_bytes <= min(worth_bytes, store.limit_bytes)
        # that something is not kept is kept, so that nobody waits for it
        store.write(name, entry if kept else PackedEntry(None, seconds))
        log.info("prepared", what=kind.name, seconds=round(seconds, 4), size_bytes=entry.size_bytes, kept=kept)
        return made

    def _take(self, entry: Entry, kind: Kind[T]) -> T:
        unpacking = Clock()
        with unpacking.charging(kind.name):
            found = kind.unpack(entry.tree)
        seconds = entry.read_seconds + unpacking.seconds[kind.name]
        saved = entry.made_seconds - seconds
        self.saved_seconds[kind.name] = round(self.saved_seconds.get(kind.name, 0.0) + saved, 4)
        log.info("reused", what=kind.name, read_seconds=round(seconds, 4), saved_seconds=round(saved, 4))
        return found
