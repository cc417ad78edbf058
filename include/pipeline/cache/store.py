"""The store of entries: a folder or a bucket with a maximum size."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs

from pipeline.cache.entry import Entry, PackedEntry, read_entry
from pipeline.cache.sealing import Unreadable
from pipeline.environment import PREPARED_STORE, STORE_ALLOWED, Prepared
from pipeline.errors import PipelineError
from pipeline.examples.keyring import KeyRing
from pipeline.log import get_logger
from pipeline.visible import hide_login

T = TypeVar("T")
log = get_logger(__name__)

_ID = "store-id"
_SUFFIX = ".prepared"
_LEFT = 0.9  # of the limit, so that not every write has to make room


class CacheStore:
    """Entries by name, encrypted with the examples' current key. The least recently used are removed to make room.

    A store that cannot be reached does not fail a training: reads find no entry and writes are dropped. Any number
    of processes and threads may use one store at once.

    Args:
        url: of a folder, in any file system that fsspec knows.
        limit_bytes: the maximum size of all entries together.

    Raises:
        PipelineError: the address is invalid, or the package for its file system is not installed.
    """

    def __init__(self, url: str, limit_bytes: int, keyring: KeyRing) -> None:
        self.url = hide_login(url)
        self.limit_bytes = limit_bytes
        self._keyring = keyring
        try:
            # other processes write too: a cached listing would hide their entries
            found: tuple[AbstractFileSystem, str] = url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError, OSError) as error:
            raise PipelineError(PREPARED_STORE, f"{self.url!r} ({_shorten(error)})", STORE_ALLOWED) from None
        self._files, self._root = found[0], found[1].rstrip("/")

    @classmethod
    def of(cls, prepared: Prepared, keyring: KeyRing) -> "CacheStore | None":
        """Return the store that the environment names; None if it names no store or `off`.

        Raises:
            PipelineError: the address is invalid.
        """
        return cls(prepared.store, prepared.limit_mb * 2**20, keyring) if prepared.store else None

    @cached_property
    def id(self) -> str:
        """Distinguishes this store from others with the same address, such as the local disks of two machines."""
        return self._try("read its id", self._read_id) or secrets.token_hex(16)

    def read(self, name: str) -> Entry | None:
        """Return the entry with a name; None if there is no readable entry."""
        return self._try("be read", lambda: self._read(self._path(name), name))

    def write(self, name: str, entry: PackedEntry) -> None:
        """Write an entry; if there is no room, remove the least recently used ones."""
        self._try("keep a prepared entry", lambda: self._write(self._path(name), name, entry))

    def clear(self) -> int:
        """Remove every entry and return how many there were.

        Raises:
            PipelineError: the store cannot be reached or changed.
        """
        with self._explaining():
            entries = self._list()
            for path, _, _ in entries:
                self._remove(path)
            return len(entries)

    def survey(self) -> tuple[int, int]:
        """Return the number of entries and their size in bytes.

        Raises:
            PipelineError: the store cannot be reached.
        """
        with self._explaining():
            entries = self._list()
            return len(entries), sum(size for _, size, _ in entries)

    @property
    def _local(self) -> bool:
        return "file" in self._files.protocol

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}{_SUFFIX}"

    def _read_id(self) -> str:
        path = f"{self._root}/{_ID}"
        self._make_folder()
        if not self._files.exists(path):
            self._files.pipe_file(path, secrets.token_hex(16).encode())
        return bytes(self._files.cat_file(path)).decode()

    def _read(self, path: str, name: str) -> Entry | None:
        try:
            with self._files.open(path, "rb") as file:
                entry = read_entry(file, self._keyring, name)
        except (FileNotFoundError, Unreadable):
            return None
        if self._local:
            self._files.touch(path, truncate=False)
        return entry

    def _write(self, path: str, name: str, entry: PackedEntry) -> None:
        self._make_folder()
        self._make_room(entry.size_bytes)
        try:
            with self._files.open(path, "wb") as file:
                entry.write(file, self._keyring, name)
        except Exception:  # a full disk: what is there cannot be read, and would take its room for ever
            with suppress(Exception):
                self._remove(path)
            raise

    def _make_folder(self) -> None:
        if self._local:
            # fsspec cannot set the mode of a folder
            Path(self._root).mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            self._files.makedirs(self._root, exist_ok=True)

    def _make_room(self, wanted_bytes: int) -> None:
        entries = self._list()
        taken = sum(size for _, size, _ in entries)
        if taken + wanted_bytes <= self.limit_bytes:
            return
        for path, size, _ in sorted(entries, key=lambda each: each[2]):
            self._remove(path)
            taken -= size
            if taken + wanted_bytes <= _LEFT * self.limit_bytes:
                return

    def _list(self) -> list[tuple[str, int, float]]:
        """Return each entry's path, size in bytes, and when it was last used (in a bucket: written)."""
        found: dict[str, dict[str, Any]] = self._files.find(self._root, detail=True)
        return [(path, info["size"], _moment(info)) for path, info in found.items() if path.endswith(_SUFFIX)]

    def _remove(self, path: str) -> None:
        with suppress(FileNotFoundError):  # another process is making room too
            self._files.rm_file(path)

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """Raise any file system's error as a PipelineError, for commands that a person runs."""
        try:
            yield
        except Exception as error:
            what = f"{self.url} cannot be used ({_shorten(error)})"
            raise PipelineError(PREPARED_STORE, what, STORE_ALLOWED, "fix its address or its permissions") from error

    def _try(self, what: str, action: Callable[[], T]) -> T | None:
        try:
            return action()
        except Exception as error:  # noqa: BLE001 - every file system has errors of its own
            reason = _shorten(error)
            log.warning("the store of prepared entries failed", could_not=what, store=self.url, reason=reason)
            return None


def _moment(info: Mapping[str, Any]) -> float:
    """Return when a file was changed; file systems name that field differently."""
    names = ("mtime", "LastModified", "last_modified", "updated", "created")
    found = next((info[name] for name in names if name in info), 0.0)
    return float(found.timestamp() if hasattr(found, "timestamp") else found)


def _shorten(error: Exception) -> str:
    return hide_login(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
