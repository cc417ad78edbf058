"""Loading: the whole file or nothing, and no row twice."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from integration.loading.loading import BEGIN, MakeFile, fetch_all, wait_until_blocked
from pipeline.errors import DatabaseUnavailableError, ExamplesError, KeyRingError
from pipeline.examples.broken_rows import BrokenRows, BrokenRowsError
from pipeline.examples.example import Selection
from pipeline.examples.keyring import Key, KeyRing
from pipeline.examples.rows import IncomingRow
from pipeline.loading.columns import ColumnChoice
from pipeline.loading.demo import load_demo
from pipeline.loading.load import load_file
from pipeline.stores.database import Database
from pipeline.stores.examples.load import LoadCounts
from pipeline.stores.examples.store import ExamplesStore

BY_ID = ColumnChoice(id="id")
MARKED = "zanzibar heliotrope"


def test_loaded_rows_come_back_oldest_first(store: ExamplesStore, make_csv: MakeFile) -> None:
    path = make_csv("2016-1-2T10:00+02:00,spam,later", "2016-1-1,ham,né 猫", '2016-1-2T07:59:59.123456,ham,"a\nb"')

    counts, broken = load_file(store, path)

    examples = fetch_all(store)
    assert (counts, broken.count) == (LoadCounts(read=3, loaded=3, already_there=0, skipped_bad=0), 0)
    assert list(examples.texts) == ["né 猫", "a\nb", "later"]
    assert list(examples.classifications) == ["ham", "ham", "spam"]
    assert list(examples.occurred_at) == [
        datetime(2016, 1, 1, tzinfo=UTC),
        datetime(2016, 1, 2, 7, 59, 59, 123456, tzinfo=UTC),
        datetime(2016, 1, 2, 8, tzinfo=UTC),
    ]
    assert len(set(examples.digests)) == 3


def test_ties_in_time_have_one_order_however_they_were_loaded(store: ExamplesStore, make_csv: MakeFile) -> None:
    rows = [f"2016-1-1,{name},{text}" for name in "ba" for text in "zxy"]
    load_file(store, make_csv(*rows, "2015-1-1,c,first"))
    load_file(store, make_csv("2015-1-1,c,first", *reversed(rows)), collection="other")

    examples, other = fetch_all(store), fetch_all(store, "other")

    assert examples.texts[0] == "first"
    assert list(examples) == list(other)


def test_span_is_half_open_and_collections_are_apart(store: ExamplesStore, make_csv: MakeFile) -> None:
    path = make_csv("2016-1-1,a,first", "2016-1-2,a,second")
    load_file(store, path)
    load_file(store, path, collection="other")

    examples = store.fetch(Selection("default", datetime(2016, 1, 1, tzinfo=UTC), datetime(2016, 1, 2, tzinfo=UTC)))

    assert list(examples.texts) == ["first"]
    assert len(fetch_all(store, "other")) == 2
    assert len(fetch_all(store, "none")) == 0


def test_rows_already_there_are_skipped(store: ExamplesStore, make_csv: MakeFile) -> None:
    load_file(store, make_csv("2016-1-1,a,one", "2016-1-1,a,two"))

    counts, _ = load_file(store, make_csv("2016-1-1,a,two", "2016-1-1,a,three"))

    assert counts == LoadCounts(read=2, loaded=1, already_there=1, skipped_bad=0)
    assert sorted(fetch_all(store).texts) == ["one", "three", "two"]


def test_same_content_under_two_ids_is_two_rows_of_one_digest(store: ExamplesStore, make_csv: MakeFile) -> None:
    load_file(store, make_csv("1,2016-1-1,a,one", "2,2016-1-1,a,one", header="id,time,label,text"), BY_ID)

    assert len(fetch_all(store)) == 2
    assert len(set(fetch_all(store).digests)) == 1


def test_id_that_stands_for_other_content_is_a_broken_row(store: ExamplesStore, make_csv: MakeFile) -> None:
    header = "id,time,label,text"
    load_file(store, make_csv("1,2016-1-1,a,one", header=header), BY_ID)
    path = make_csv(
        "1,2016-1-1,a,changed",
        "2,2016-1-1,a,two",
        "2,2016-1-1,b,two",
        "1,2016-1-1,a,one",
        "3,2016-1-1,a,c",
        header=header,
    )

    with pytest.raises(BrokenRowsError) as refusal:
        load_file(store, path, BY_ID)

    assert "examples.csv:2, column id: is already there with another" in str(refusal.value)
    assert "examples.csv:4, column id: is that of an earlier row" in str(refusal.value)
    assert list(fetch_all(store).texts) == ["one"]

    counts, broken = load_file(store, path, BY_ID, skip_bad=True)

    assert counts == LoadCounts(read=5, loaded=2, already_there=1, skipped_bad=2)
    assert [row.line for row in broken.shown] == [2, 4]
    assert sorted(fetch_all(store).texts) == ["c", "one", "two"]


def test_one_broken_row_keeps_the_whole_file_out(store: ExamplesStore, make_csv: MakeFile) -> None:
    path = make_csv(*["2016-1-1,a,one"] * 15, "2016-2-30,a,one", "2016-1-1,,one")

    with pytest.raises(BrokenRowsError) as refusal:
        load_file(store, path)

    assert "examples.csv: 2 rows are broken, so nothing was loaded" in str(refusal.value)
    assert "examples.csv:17, column time: '2016-2-30'" in str(refusal.value)
    assert "examples.csv:18, column classification: is empty" in str(refusal.value)
    assert "--skip-bad" in str(refusal.value)
    assert store.stats() == []


def test_skip_bad_loads_the_rest_and_lists_what_it_left(store: ExamplesStore, make_csv: MakeFile) -> None:
    counts, broken = load_file(store, make_csv("2016-1-1,a,one", "never,a,two", "2016-1-1,a,three"), skip_bad=True)

    assert counts == LoadCounts(read=3, loaded=2, already_there=0, skipped_bad=1)
    assert [row.line for row in broken.shown] == [3]
    assert len(fetch_all(store)) == 2


def test_failure_in_the_middle_of_a_file_leaves_nothing(store: ExamplesStore) -> None:
    def fail_later() -> Iterator[IncomingRow]:
        yield IncomingRow(2, None, BEGIN, "a", "one")
        raise KeyError("the disk went away")

    with pytest.raises(KeyError):
        store.load("default", fail_later(), BrokenRows("examples.csv"))

    assert store.stats() == []


def test_words_of_a_failed_load_never_reach_the_server_s_log(
    store: ExamplesStore, make_csv: MakeFile, tmp_path_factory: pytest.TempPathFactory
) -> None:
    load_file(store, make_csv(f"2016-1-1,a,{MARKED}"))
    with pytest.raises(ExamplesError, match="no column"):
        load_file(store, make_csv("a", header=f"{MARKED},time"))
    with pytest.raises(BrokenRowsError):
        load_file(store, make_csv(f"{MARKED},a,b"))

    logs = list(tmp_path_factory.getbasetemp().glob("postgres*/log"))
    assert logs
    assert all(MARKED not in log.read_text(encoding="utf-8") for log in logs)


def test_no_column_of_the_table_holds_plain_text(
    store: ExamplesStore, examples_db: Database, make_csv: MakeFile
) -> None:
    load_file(store, make_csv(f"secretid,2016-1-1,{MARKED},{MARKED}", header="id,time,label,text"), BY_ID)

    with examples_db.connection() as connection:
        (row,) = connection.execute("SELECT * FROM examples").fetchall()

    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    assert MARKED.encode() not in stored
    assert b"secretid" not in stored


def test_two_loads_at_once_put_every_row_in_once(store: ExamplesStore, keys_file: Path, make_csv: MakeFile) -> None:
    path = make_csv(*(f"2016-1-1,a,text {number}" for number in range(3000)))
    counts: list[LoadCounts] = []

    def load() -> None:
        counts.append(load_file(ExamplesStore(store.database, KeyRing.from_file(keys_file)), path)[0])

    threads = [Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(count.loaded for count in counts) == [0, 3000]
    assert len(fetch_all(store)) == 3000


def test_id_that_another_load_is_just_giving_to_other_content_is_a_broken_row(
    store: ExamplesStore, examples_db: Database, make_csv: MakeFile
) -> None:
    header = "id,time,label,text"
    load_file(store, make_csv("1,2016-1-1,a,one", header=header), BY_ID)
    path = make_csv("1,2016-1-1,a,changed", header=header)
    errors: list[BrokenRowsError] = []

    def load() -> None:
        try:
            load_file(store, path, BY_ID)
        except BrokenRowsError as error:
            errors.append(error)

    with examples_db.connection() as connection:
        connection.execute("CREATE TABLE kept AS SELECT * FROM examples")
        connection.execute("TRUNCATE examples")
        connection.commit()
        connection.execute("INSERT INTO examples SELECT * FROM kept")
        loading = Thread(target=load)
        loading.start()
        wait_until_blocked(examples_db, loading)
    loading.join(60)

    assert len(errors) == 1
    assert list(fetch_all(store).texts) == ["one"]


def test_row_moved_in_the_table_is_refused(store: ExamplesStore, examples_db: Database, make_csv: MakeFile) -> None:
    load_file(store, make_csv("2016-1-1,a,one", "2016-1-2,b,two"))
    with examples_db.connection() as connection:
        connection.execute("UPDATE examples SET occurred_at = occurred_at + interval '1 day'")

    with pytest.raises(KeyRingError, match="altered or moved"):
        fetch_all(store)


def test_key_that_cannot_decrypt_and_key_that_is_not_there_are_told_apart(
    store: ExamplesStore, make_csv: MakeFile
) -> None:
    load_file(store, make_csv(f"2016-1-1,a,{MARKED}"))
    used, digest_key = store.keyring.current.id, store.keyring.digest_key

    with pytest.raises(KeyRingError, match=f"the key '{used}' does not open it") as refusal:
        fetch_all(ExamplesStore(store.database, KeyRing([Key(used, b"w" * 32)], digest_key)))
    assert MARKED not in str(refusal.value)
    with pytest.raises(KeyRingError, match=f"has no key '{used}'"):
        fetch_all(ExamplesStore(store.database, KeyRing([Key("other", b"w" * 32)], digest_key)))


def test_stats_count_examples_classes_and_keys(store: ExamplesStore, make_csv: MakeFile) -> None:
    load_file(store, make_csv("2016-1-1,b,one", "2016-1-3,a,two", "2016-1-2,b,three"))

    (found,) = store.stats()

    assert (found.collection, found.examples) == ("default", 3)
    assert (found.first, found.last) == (datetime(2016, 1, 1, tzinfo=UTC), datetime(2016, 1, 3, tzinfo=UTC))
    assert found.classifications == {"a": 1, "b": 2}
    assert found.key_ids == {store.keyring.current.id: 3}


def test_demo_loads_200_posts_once(store: ExamplesStore) -> None:
    assert load_demo(store) == LoadCounts(read=200, loaded=200, already_there=0, skipped_bad=0)
    assert load_demo(store) == LoadCounts(read=200, loaded=0, already_there=200, skipped_bad=0)


def test_collection_s_name_is_checked(store: ExamplesStore, make_csv: MakeFile) -> None:
    with pytest.raises(ExamplesError, match="is not a valid collection name"):
        load_file(store, make_csv("2016-1-1,a,one"), collection="no name")


def test_database_without_the_table_says_what_to_do(postgres_url: str) -> None:
    store = ExamplesStore(Database.from_url("examples_db", postgres_url), KeyRing.generate())

    with pytest.raises(DatabaseUnavailableError, match="its tables do not exist yet; run `pipeline up`"):
        store.stats()


def test_another_key_ring_is_refused_before_it_doubles_anything(
    examples_db: Database, store: ExamplesStore, make_csv: MakeFile
) -> None:
    path = make_csv("2016-1-1,a,one")
    load_file(store, path)

    with pytest.raises(KeyRingError, match="not the key ring that the examples in the database were loaded with"):
        load_file(ExamplesStore(examples_db, KeyRing.generate()), path)

    assert len(fetch_all(store)) == 1


def test_an_empty_database_takes_another_key_ring(
    examples_db: Database, store: ExamplesStore, make_csv: MakeFile
) -> None:
    path = make_csv("2016-1-1,a,one")
    load_file(store, path)
    with examples_db.connection() as connection:
        connection.execute("DELETE FROM examples")
    other = ExamplesStore(examples_db, KeyRing.generate())

    load_file(other, path)

    assert len(fetch_all(other)) == 1


def test_a_moment_at_the_end_of_the_calendar_is_counted_in_every_zone(
    monkeypatch: pytest.MonkeyPatch, store: ExamplesStore, make_csv: MakeFile
) -> None:
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    load_file(store, make_csv("9999-12-31T23:59:59,a,one"))

    assert store.stats()[0].last.year == 9999
