"""Equal rows without ids: each of them is a row, however often its file is loaded."""

from datetime import UTC, datetime

from integration.loading.loading import MakeFile, fetch_all
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.identity import identify
from pipeline.examples.rows import IncomingRow
from pipeline.loading.columns import ColumnChoice
from pipeline.loading.load import load_file
from pipeline.stores.examples.load import LoadCounts
from pipeline.stores.examples.store import ExamplesStore

MOMENT = datetime(2024, 5, 1, tzinfo=UTC)
EQUAL = "2024-05-01,thanks,thank you"
OTHER = [f"2024-05-02,other,text {number}" for number in range(10)]


def test_equal_rows_are_all_loaded_and_not_again(store: ExamplesStore, make_csv: MakeFile) -> None:
    path = make_csv(*[EQUAL] * 90, *OTHER)

    assert load_file(store, path)[0] == LoadCounts(read=100, loaded=100, already_there=0, skipped_bad=0)
    assert load_file(store, path)[0] == LoadCounts(read=100, loaded=0, already_there=100, skipped_bad=0)
    assert store.stats()[0].classifications == {"other": 10, "thanks": 90}
    assert list(fetch_all(store).texts).count("thank you") == 90


def test_more_of_the_same_rows_load_those_that_are_more(store: ExamplesStore, make_csv: MakeFile) -> None:
    load_file(store, make_csv(*[EQUAL] * 3, *OTHER))

    counts, _ = load_file(store, make_csv(OTHER[0], *[EQUAL] * 5, name="more.csv"))

    assert counts == LoadCounts(read=6, loaded=2, already_there=4, skipped_bad=0)
    assert store.stats()[0].classifications["thanks"] == 5


def test_broken_rows_between_equal_ones_are_not_counted_with_them(store: ExamplesStore, make_csv: MakeFile) -> None:
    counts, _ = load_file(store, make_csv(EQUAL, "never,thanks,thank you", EQUAL), skip_bad=True)

    assert counts == LoadCounts(read=3, loaded=2, already_there=0, skipped_bad=1)


def test_equal_rows_with_given_ids_are_what_their_ids_say(store: ExamplesStore, make_csv: MakeFile) -> None:
    path = make_csv(*(f"{each},{EQUAL}" for each in (1, 2, 2)), header="id,time,label,text")

    counts, _ = load_file(store, path, ColumnChoice(id="id"))

    assert counts == LoadCounts(read=3, loaded=2, already_there=1, skipped_bad=0)
    assert load_file(store, make_csv(EQUAL, EQUAL))[0].loaded == 2


def test_the_first_of_equal_rows_has_the_id_that_it_has_always_had() -> None:
    digest = bytes(range(16))

    ids = [identify(b"key", "default", None, digest, occurrence) for occurrence in (1, 2, 3)]

    assert ids[0].hex() == "4e76ae2ef0c5a1eb57f9e8ce8fb682ae"
    assert len(set(ids)) == 3


def test_rows_that_were_stored_with_an_untrimmed_class_are_not_doubled(
    store: ExamplesStore, make_csv: MakeFile
) -> None:
    # as earlier versions loaded it: the class as the file spells it, and of equal rows one
    former = [IncomingRow(2, None, MOMENT, " spam", "text"), IncomingRow(3, None, MOMENT, "spam", "text")]
    assert store.load("default", former, BrokenRows("a.csv")).loaded == 2

    path = make_csv("2024-5-1, spam,text", "2024-5-1,spam,text", "2024-5-1,spam,new")
    assert load_file(store, path)[0] == LoadCounts(read=3, loaded=1, already_there=2, skipped_bad=0)
    assert load_file(store, path)[0] == LoadCounts(read=3, loaded=0, already_there=3, skipped_bad=0)


def test_an_id_that_stands_for_an_untrimmed_class_stands_for_the_trimmed_one(
    store: ExamplesStore, make_csv: MakeFile
) -> None:
    store.load("default", [IncomingRow(2, "7", MOMENT, " spam", "text")], BrokenRows("a.csv"))
    header, choice = "id,time,label,text", ColumnChoice(id="id")

    counts, _ = load_file(store, make_csv("7,2024-5-1, spam,text", header=header), choice)

    assert counts == LoadCounts(read=1, loaded=0, already_there=1, skipped_bad=0)
