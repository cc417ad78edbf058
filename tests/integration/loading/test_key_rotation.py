"""Rotation: every row under the new key, whoever reads, loads or is interrupted meanwhile."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from integration.loading.loading import BEGIN, MakeFile, fetch_all, wait_until_blocked
from pipeline.errors import ExamplesError, KeyRingError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.keyring import Key, KeyRing
from pipeline.examples.rows import IncomingRow
from pipeline.loading.load import load_file
from pipeline.loading.rotation import rotate_key
from pipeline.stores.examples.store import ExamplesStore

ROWS = 2500


@pytest.fixture
def loaded(store: ExamplesStore, make_csv: MakeFile) -> ExamplesStore:
    """The store with rows enough for several batches."""
    load_file(store, make_csv(*(f"2016-1-1,a,text {number:04}" for number in range(ROWS))))
    return store


class InterruptedRotationError(Exception):
    """Stands for a killed process."""


def test_rows_and_file_end_under_the_new_key_alone(loaded: ExamplesStore, keys_file: Path) -> None:
    former, before = loaded.keyring.current.id, fetch_all(loaded)

    rotation = rotate_key(loaded)

    assert (rotation.reencrypted, rotation.dropped, rotation.resumed) == (ROWS, [former], False)
    assert loaded.key_ids() == {rotation.key_id}
    assert KeyRing.from_file(keys_file).ids == [rotation.key_id]
    after = fetch_all(ExamplesStore(loaded.database, KeyRing.from_file(keys_file)))
    assert (after.texts, after.digests) == (before.texts, before.digests)


def test_former_key_no_longer_opens_anything(loaded: ExamplesStore) -> None:
    former = KeyRing([loaded.keyring.current], loaded.keyring.digest_key)
    rotate_key(loaded)

    with pytest.raises(KeyRingError, match="has no key"):
        fetch_all(ExamplesStore(loaded.database, former))


def test_process_with_the_former_keyring_goes_on_reading_and_loading(
    loaded: ExamplesStore, keys_file: Path, make_csv: MakeFile
) -> None:
    reader, loader = (ExamplesStore(loaded.database, KeyRing.from_file(keys_file)) for _ in range(2))
    rotation = rotate_key(loaded)

    assert len(fetch_all(reader)) == ROWS
    load_file(loader, make_csv("2016-1-1,a,later", "2016-1-1,a,text 0001"))

    assert loaded.key_ids() == {rotation.key_id}
    assert len(fetch_all(reader)) == ROWS + 1


def test_interrupted_rotation_reads_well_and_is_finished_by_the_next(loaded: ExamplesStore, keys_file: Path) -> None:
    former = loaded.keyring.current.id

    def interrupt(rows: int) -> None:
        assert rows < ROWS
        raise InterruptedRotationError

    with pytest.raises(InterruptedRotationError):
        rotate_key(loaded, interrupt)

    begun = KeyRing.from_file(keys_file)
    store = ExamplesStore(loaded.database, begun)
    assert len(begun.ids) == 2
    assert store.key_ids() == set(begun.ids)
    assert len(fetch_all(store)) == ROWS

    rotation = rotate_key(store)

    assert rotation.resumed
    assert (rotation.key_id, rotation.dropped) == (begun.current.id, [former])
    assert 0 < rotation.reencrypted < ROWS
    assert KeyRing.from_file(keys_file).ids == [rotation.key_id]


def test_readers_never_fail_while_keys_rotate(loaded: ExamplesStore, keys_file: Path) -> None:
    reader = ExamplesStore(loaded.database, KeyRing.from_file(keys_file))
    stop, failures, reads = Event(), list[BaseException](), list[int]()

    def read() -> None:
        while not stop.is_set():
            try:
                reads.append(len(fetch_all(reader)))
            except BaseException as error:
                failures.append(error)
                raise

    thread = Thread(target=read)
    thread.start()
    try:
        for _ in range(3):
            rotate_key(loaded)
    finally:
        stop.set()
        thread.join()

    assert failures == []
    assert set(reads) == {ROWS}


def test_key_is_not_dropped_before_a_reader_that_needs_it_has_read_it(loaded: ExamplesStore, keys_file: Path) -> None:
    class SlowKeyRing(KeyRing):
        def reload(self) -> None:
            rotating.start()
            wait_until_blocked(loaded.database, rotating)
            super().reload()

    former = KeyRing.from_file(keys_file).current
    rotate_key(loaded)
    # Knows the first key only; the rows it is about to read are under the second, which a rotation would drop.
    reader = ExamplesStore(loaded.database, SlowKeyRing([former], loaded.keyring.digest_key, keys_file))
    rotating = Thread(target=rotate_key, args=(loaded,))
    try:
        assert len(fetch_all(reader)) == ROWS
    finally:
        rotating.join(60)

    assert len(KeyRing.from_file(keys_file).ids) == 1


def test_load_that_began_under_the_former_key_is_waited_for(loaded: ExamplesStore, keys_file: Path) -> None:
    begun, go_on = Event(), Event()
    slow = ExamplesStore(loaded.database, KeyRing.from_file(keys_file))

    def read() -> Iterator[IncomingRow]:
        begun.set()
        go_on.wait(30)
        yield IncomingRow(2, None, BEGIN, "a", "slow")

    loading = Thread(target=lambda: slow.load("default", read(), BrokenRows("slow.csv")))
    loading.start()
    assert begun.wait(30)
    rotating = Thread(target=rotate_key, args=(loaded,))
    rotating.start()
    wait_until_blocked(loaded.database, rotating)
    go_on.set()
    for thread in (loading, rotating):
        thread.join(60)
        assert not thread.is_alive()

    fresh = KeyRing.from_file(keys_file)
    assert len(fresh.ids) == 1
    assert len(fetch_all(ExamplesStore(loaded.database, fresh))) == ROWS + 1


def test_second_rotation_at_once_is_refused(loaded: ExamplesStore, keys_file: Path) -> None:
    before = keys_file.read_text(encoding="ascii")
    with loaded.only_rotation(), pytest.raises(ExamplesError, match="rotated already"):
        rotate_key(ExamplesStore(loaded.database, KeyRing.from_file(keys_file)))

    assert keys_file.read_text(encoding="ascii") == before


def test_keys_in_the_environment_are_the_operator_s(loaded: ExamplesStore) -> None:
    former, digest_key = loaded.keyring.current, loaded.keyring.digest_key
    with pytest.raises(KeyRingError, match=f"every row already uses its first key '{former.id}'"):
        rotate_key(ExamplesStore(loaded.database, KeyRing([former], digest_key)))

    fresh = Key.generate()
    rotation = rotate_key(ExamplesStore(loaded.database, KeyRing([fresh, former], digest_key)))

    assert (rotation.reencrypted, rotation.dropped, rotation.unused) == (ROWS, [], [former.id])
    assert loaded.key_ids() == {fresh.id}
