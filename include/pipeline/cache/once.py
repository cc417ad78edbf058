"""Make something once, wherever it is asked for."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pipeline.cache.entry import Entry, PackedEntry
from pipeline.cache.store import PreparedStore
from pipeline.cache.turns import Idle, Turns
from pipeline.components.options import canonical_json
from pipeline.log import get_logger
from pipeline.stores.database import Database

T = TypeVar("T")
TellKey = Callable[[], Mapping[str, Any]]
log = get_logger(__name__)

_WORTH_BYTES_A_SECOND = 2**28
"""What is made faster than it is read back at this speed is not kept; disks do better, buckets seldom much worse."""
_SMALL_BYTES = 2**16  # reading that it is not kept takes as long


@dataclass(frozen=True)
class Packing(Generic[T]):
    """How a kind of thing becomes a tree of JSON values and arrays, and how it comes back the same."""

    pack: Callable[[T], Any]
    unpack: Callable[[Any], T]


class Once:
    """What one training needs and others may need too: taken from the store, or made and put there.

    Args:
        store: nothing where the store is switched off; then everything is made.
        database: whose locks say whose turn it is to make something.
        idle: a context manager around every wait for somebody else.
    """

    def __init__(self, store: PreparedStore | None, database: Database, idle: Idle = nullcontext) -> None:
        self._store = store
        self._turns = Turns(database, idle)
        self._elsewhere_seconds = 0.0
        self.saved_seconds: dict[str, float] = {}
        """What was taken from the store, and how much longer it had taken to make than to read."""

    @property
    def waited_seconds(self) -> float:
        """How long this training has waited until others had made what it needs."""
        return self._turns.waited_seconds

    @property
    def shares(self) -> bool:
        """Whether there is a store; without one no key is ever asked for."""
        return self._store is not None

    def get(
        self, what: str, tell_key: Callable[[], Mapping[str, Any]], make: Callable[[], T], packing: Packing[T]
    ) -> T:
        """Return what a key stands for, the same whether it was made here or elsewhere.

        Args:
            what: a few words for the log; with the key they name it.
            tell_key: gives all that decides what is made, as JSON values: equal keys, equal results.
            make: makes it; what it raises is raised, and the next one tries anew.

        Raises:
            DatabaseUnavailableError: nobody can say whose turn it is.
        """
        if self._store is None:
            return make()
        name = hashlib.sha256(f"{what}\0{canonical_json(tell_key())}".encode()).hexdigest()
        with self._counted_elsewhere():
            entry = self._store.read(name)
            if entry is None:
                with self._turns.taken(f"{self._store.id} {name}", what):
                    entry = self._store.read(name)
                    if entry is None:
                        return self._make(self._store, what, name, make, packing)
            return make() if entry.tree is None else self._take(what, entry, packing)

    def _take(self, what: str, entry: Entry, packing: Packing[T]) -> T:
        started = time.perf_counter()
        found = packing.unpack(entry.tree)
        seconds = entry.read_seconds + time.perf_counter() - started
        self.saved_seconds[what] = round(entry.made_seconds - seconds, 4)
        log.info("reused", what=what, read_seconds=round(seconds, 4), saved_seconds=self.saved_seconds[what])
        return found

    def _make(self, store: PreparedStore, what: str, name: str, make: Callable[[], T], packing: Packing[T]) -> T:
        started, elsewhere = time.perf_counter(), self._elsewhere_seconds
        made = make()
        seconds = time.perf_counter() - started - (self._elsewhere_seconds - elsewhere)
        entry = PackedEntry(packing.pack(made), seconds)
        worth_bytes = max(seconds * _WORTH_BYTES_A_SECOND, _SMALL_BYTES)
        kept = entry.size_bytes <= min(worth_bytes, store.limit_bytes)
        # that something is not kept is kept, so that nobody waits for it
        store.write(name, entry if kept else PackedEntry(None, seconds))
        log.info("prepared", what=what, seconds=round(seconds, 4), size_bytes=entry.size_bytes, kept=kept)
        return made

    @contextmanager
    def _counted_elsewhere(self) -> Iterator[None]:
        """Count the block to what is made inside of something else, which does not take that long by itself."""
        started, elsewhere = time.perf_counter(), self._elsewhere_seconds
        try:
            yield
        finally:
            self._elsewhere_seconds = elsewhere + time.perf_counter() - started
