"""Make each entry once for all trainings."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pipeline.cache.entry import Entry, PackedEntry
from pipeline.cache.lock import lock
from pipeline.cache.store import CacheStore
from pipeline.clock import WAITING, Clock
from pipeline.components.options import canonical_json
from pipeline.log import get_logger
from pipeline.stores.database import Database

T = TypeVar("T")
log = get_logger(__name__)

_WORTH_BYTES_A_SECOND = 2**28
"""An entry is kept if reading it at this speed takes less time than making it. Disks are faster than this."""
_SMALL_BYTES = 2**16  # reading a note that says "not kept" takes as long
_FINDING = "finding"
_NOTABLE_SECONDS = 0.05  # a shorter time would not be seen in a picture of the run


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of entry: examples, words, an adapter, features.

    Attributes:
        name: its name in the log; together with the key it decides the entry's name.
        pack: returns a value as JSON values and arrays.
        unpack: returns an equal value from them.
    """

    name: str
    pack: Callable[[T], Any]
    unpack: Callable[[Any], T]


class Cache:
    """Returns entries from a store, and makes and writes those that are missing.

    When several workers need a missing entry at once, one makes it and the others wait for its lock in the models
    database:

    ```text
    worker A   finds none   locks   makes, writes   unlocks
    worker B     finds none   waits ............... locks   finds A's entry   unlocks
    worker C                                          finds A's entry
    ```

    Each training has one; it is not for several threads.

    Args:
        store: where entries are kept; None: every value is made.
        database: holds the locks; required if there is a store.
        clock: the training's; the time spent waiting for other workers is charged to `WAITING`.
    """

    def __init__(
        self,
        store: CacheStore | None = None,
        database: Database | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._store = store
        self._database = database
        self._clock = clock or Clock()
        self._making = Clock()
        self.saved_seconds: dict[str, float] = {}
        """Seconds saved by reading entries instead of making them, by name of the kind."""
        self.shared: list[dict[str, Any]] = []
        """What it made or waited for, if that took notable time: `what` (the kind), `entry` (its name, the same for
        whoever made it and whoever waited), `at` (seconds since this object was made), seconds `waited` and `made`."""
        self._began = time.perf_counter()

    @property
    def shares(self) -> bool:
        """Whether there is a store; without one, no keys are needed."""
        return self._store is not None

    def get(self, kind: Kind[T], key: Mapping[str, Any] | None, make: Callable[[], T]) -> T:
        """Return the value of a key, equal whether it was made here or elsewhere.

        Args:
            kind: of the value.
            key: everything that decides the value, as JSON values; None: the value is made and not written.
            make: makes the value. If it raises, nothing is written and the next worker tries again.

        Raises:
            DatabaseUnavailableError: the database that holds the locks does not answer.
        """
        if self._store is None or self._database is None or key is None:
            return make()
        name = hashlib.sha256(f"{kind.name}\0{canonical_json(key)}".encode()).hexdigest()
        at, before = time.perf_counter() - self._began, self._spent(name)
        try:
            return self._find(self._store, self._database, name, kind, make)
        finally:
            waited, made = (after - earlier for after, earlier in zip(self._spent(name), before, strict=True))
            if max(waited, made) >= _NOTABLE_SECONDS:
                seconds = {"at": round(at, 3), "waited": round(waited, 3), "made": round(made, 3)}
                self.shared.append({"what": kind.name, "entry": name[:16], **seconds})

    def _find(self, store: CacheStore, database: Database, name: str, kind: Kind[T], make: Callable[[], T]) -> T:
        with self._making.charging(_FINDING):  # the time for making a value is not charged to this
            entry = store.read(name)
            if entry is None:
                with lock(database, f"{store.id} {name}", kind.name, self._clock):
                    entry = store.read(name)
                    if entry is None:
                        return self._make(store, name, kind, make)
            return make() if entry.tree is None else self._take(entry, kind)

    def _spent(self, name: str) -> tuple[float, float]:
        """Return the seconds so far of waiting for others, and of making an entry."""
        return self._clock.seconds.get(WAITING, 0.0), self._making.seconds.get(name, 0.0)

    def close_idle(self) -> None:
        """Close idle connections to the database before a long step that does not need it."""
        if self._database is not None:
            self._database.close_idle()

    def _make(self, store: CacheStore, name: str, kind: Kind[T], make: Callable[[], T]) -> T:
        with self._making.charging(name):
            made = make()
        seconds = self._making.seconds[name]
        entry = PackedEntry(kind.pack(made), seconds)
        worth_bytes = max(seconds * _WORTH_BYTES_A_SECOND, _SMALL_BYTES)
        kept = entry.size_bytes <= min(worth_bytes, store.limit_bytes)
        # a note records that the entry is not kept, so that no worker waits for it
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
