"""The store of what was prepared: bounded, never in the way, and of nobody's business but its owner's."""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fsspec import register_implementation
from fsspec.implementations.memory import MemoryFileSystem
from structlog.testing import capture_logs

from pipeline.cache.entry import PackedEntry
from pipeline.cache.store import CacheStore
from pipeline.environment import Prepared
from pipeline.errors import PipelineError
from pipeline.examples.keyring import KeyRing

KEYRING = KeyRing.generate()
ARRAYS = [np.arange(6, dtype=np.float32).reshape(2, 3), np.zeros((0, 4), dtype=np.float32)]
TREE = {"words": ["grüße", "\ud800"], "arrays": ARRAYS}


class ListingFileSystem(MemoryFileSystem):  # type: ignore[misc]  # fsspec tells no types
    """Remembers what it has listed and looks there first, as file systems of buckets do unless they are told not to."""

    protocol = "listing"

    @classmethod
    def _strip_protocol(cls, path: str) -> Any:
        return MemoryFileSystem._strip_protocol(path.replace("listing://", "memory://"))

    def find(self, path: str, *args: Any, **kwargs: Any) -> Any:
        found = super().find(path, *args, **kwargs)
        self.dircache[path] = [*found]
        return found

    def _open(self, path: str, mode: str = "rb", *args: Any, **kwargs: Any) -> Any:
        if mode == "rb" and path not in self.dircache.get(self._parent(path), [path]):
            raise FileNotFoundError(path)
        return super()._open(path, mode, *args, **kwargs)


def open_store(place: Path | str, limit_bytes: int = 2**30, keyring: KeyRing = KEYRING) -> CacheStore:
    return CacheStore(f"file://{place}" if isinstance(place, Path) else place, limit_bytes, keyring)


def keep(store: CacheStore, name: str, tree: Any = TREE, made_seconds: float = 1.5) -> None:
    store.write(name, PackedEntry(tree, made_seconds))


def names_in(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.prepared"))


@pytest.mark.parametrize("bucket", [False, True])
def test_an_entry_comes_back_as_it_was(tmp_path: Path, *, bucket: bool) -> None:
    store = open_store(f"memory://{tmp_path}" if bucket else tmp_path / "new" / "folder")
    keep(store, "one")

    entry = store.read("one")

    assert entry is not None
    assert entry.made_seconds == 1.5
    assert entry.tree["words"] == TREE["words"]
    for found, kept in zip(entry.tree["arrays"], ARRAYS, strict=True):
        np.testing.assert_array_equal(found, kept, strict=True)


def test_what_another_worker_keeps_in_a_bucket_is_seen_at_once(tmp_path: Path) -> None:
    register_implementation("listing", ListingFileSystem)
    store = open_store(f"listing://{tmp_path}")
    keep(store, "one")
    assert store.survey()[0] == 1

    keep(open_store(f"memory://{tmp_path}"), "two")

    assert store.read("two") is not None


def test_a_name_without_an_entry_gives_nothing(tmp_path: Path) -> None:
    assert open_store(tmp_path).read("none") is None


def test_a_damaged_entry_gives_nothing_and_is_replaced(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    keep(store, "one")
    path = tmp_path / "one.prepared"
    path.write_bytes(path.read_bytes()[:-1])

    assert store.read("one") is None
    keep(store, "one", made_seconds=2.0)
    assert getattr(store.read("one"), "made_seconds", None) == 2.0


def test_only_its_owner_can_look_into_the_folder(tmp_path: Path) -> None:
    keep(open_store(tmp_path / "store"), "one")

    assert stat.S_IMODE((tmp_path / "store").stat().st_mode) == 0o700


def test_what_was_not_used_for_longest_makes_room(tmp_path: Path) -> None:
    block = {"block": np.zeros(1_000, dtype=np.uint8)}
    store = open_store(tmp_path, limit_bytes=4_500)
    for age, name in enumerate(["newest", "middle", "oldest"]):
        keep(store, name, block)
        os.utime(tmp_path / f"{name}.prepared", (1e9 - age, 1e9 - age))

    assert store.read("oldest") is not None  # and so is the newest now
    keep(store, "next", block)

    assert names_in(tmp_path) == ["newest", "next", "oldest"]
    assert store.survey()[0] == 3
    assert store.survey()[1] <= 4_500


def test_clearing_takes_every_entry_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    store = open_store(tmp_path)
    keep(store, "one")
    keep(store, "two")

    assert store.clear() == 2
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_two_handles_on_one_folder_know_it_by_one_id_and_two_folders_have_two(tmp_path: Path) -> None:
    first, second, other = (open_store(tmp_path / name) for name in ("a", "a", "b"))

    assert first.id == second.id
    assert first.id != other.id


def test_a_store_that_fails_has_nothing_keeps_nothing_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = open_store(tmp_path / "file" / "store")

    with capture_logs() as logs:
        keep(store, "one")
        assert store.read("one") is None

    assert {log["could_not"] for log in logs} >= {"keep a prepared entry"}


@pytest.mark.parametrize("said", ["", "off"])
def test_a_store_can_be_switched_off(said: str) -> None:
    assert CacheStore.of(Prepared.read({"PIPELINE_PREPARED_STORE": said}), KEYRING) is None
    assert CacheStore.of(Prepared.read({}), KEYRING) is None


def test_the_environment_says_where_it_is_and_how_large_it_may_become(tmp_path: Path) -> None:
    environ = {"PIPELINE_PREPARED_STORE": f"file://{tmp_path}", "PIPELINE_PREPARED_LIMIT_MB": "3"}

    store = CacheStore.of(Prepared.read(environ), KEYRING)

    assert store is not None
    assert (store.url, store.limit_bytes) == (f"file://{tmp_path}", 3 * 2**20)


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "much", "٣"])
def test_a_limit_that_is_no_whole_number_is_refused(limit: str) -> None:
    environ = {"PIPELINE_PREPARED_STORE": "memory://x", "PIPELINE_PREPARED_LIMIT_MB": limit}

    with pytest.raises(PipelineError, match=r"PIPELINE_PREPARED_LIMIT_MB: .*; a whole number from 1;"):
        CacheStore.of(Prepared.read(environ), KEYRING)


def test_an_address_of_no_known_file_system_is_refused() -> None:
    with pytest.raises(PipelineError, match=r"PIPELINE_PREPARED_STORE: 'nowhere://x' .*; a folder as file:///path"):
        open_store("nowhere://x")


def test_an_entry_that_could_not_be_written_whole_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)

    def fill_the_disk(_: PackedEntry, file: Any, *_more: Any) -> None:
        file.write(b"a beginning")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(PackedEntry, "write", fill_the_disk)
    with capture_logs() as logs:
        keep(store, "one")

    assert [log["event"] for log in logs] == ["the store of prepared entries failed"]
    assert names_in(tmp_path) == []


def test_a_login_in_an_address_is_not_shown() -> None:
    with pytest.raises(PipelineError, match=r"nosuch://\*\*\*@bucket") as caught:
        open_store("nosuch://user:an@secret@bucket/path")
    assert "secret" not in str(caught.value)
