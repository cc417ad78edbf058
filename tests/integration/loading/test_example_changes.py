"""Examples are found, corrected and deleted; the journal says so, and no dead row is left."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from integration.loading.loading import MakeFile, fetch_all
from pipeline.errors import ExamplesError
from pipeline.examples.broken_rows import BrokenRowsError
from pipeline.examples.criteria import Criteria
from pipeline.examples.digest import digest_rows
from pipeline.loading.columns import ColumnChoice
from pipeline.loading.load import load_file
from pipeline.loading.rotation import rotate_key
from pipeline.stores.author import Author
from pipeline.stores.database import Database
from pipeline.stores.examples.change import Chosen
from pipeline.stores.examples.store import ExamplesStore

ROWS = (
    "2024-05-01,spam,Cheap WATCHES today",
    "2024-05-02,ham,see you at noon",
    "2024-05-03,spam,minutes of the meeting",
    "2024-05-04,ham,watches are cheap",
)
AUTHOR = Author("jo", "wrong label")


@pytest.fixture
def loaded(store: ExamplesStore, make_csv: MakeFile) -> ExamplesStore:
    """The store with four examples."""
    load_file(store, make_csv(*ROWS))
    return store


def choose(store: ExamplesStore, criteria: Criteria) -> list[Chosen]:
    return [Chosen(each.id, each.digest) for each in store.find(criteria)]


@pytest.mark.parametrize(
    ("criteria", "texts"),
    [
        (Criteria("default"), {0, 1, 2, 3}),
        (Criteria("default", classification=" spam"), {0, 2}),
        (Criteria("default", text="watches"), {0, 3}),
        (Criteria("default", text="watches", classification="ham"), {3}),
        (Criteria("default", start=datetime(2024, 5, 2, tzinfo=UTC), end=datetime(2024, 5, 4, tzinfo=UTC)), {1, 2}),
        (Criteria("default", ids=frozenset()), set()),
        (Criteria("default", ids=frozenset(["no such id"])), set()),
        (Criteria("other"), set()),
    ],
)
def test_all_that_is_asked_for_must_hold(loaded: ExamplesStore, criteria: Criteria, texts: set[int]) -> None:
    found = [*loaded.find(criteria)]

    assert [each.text for each in found] == [ROWS[place].split(",")[2] for place in sorted(texts)]
    assert [each.id for each in found] == [each.id for each in loaded.find(criteria)]


def test_an_example_is_found_by_the_id_of_its_file_and_by_the_one_that_was_found(
    store: ExamplesStore, make_csv: MakeFile
) -> None:
    path = make_csv(*(f"post-{number},{row}" for number, row in enumerate(ROWS)), header="id,time,label,text")
    load_file(store, path, ColumnChoice(id="id"))

    (found,) = store.find(Criteria("default", frozenset(["post-2"])))
    (again,) = store.find(Criteria("default", frozenset([found.id.hex(), "post-9"])))

    assert found.text == "minutes of the meeting"
    assert again == found


def test_a_correction_is_what_is_trained_on_and_a_file_does_not_take_it_back(
    loaded: ExamplesStore, make_csv: MakeFile
) -> None:
    wrong = choose(loaded, Criteria("default", text="minutes"))
    before = digest_rows(fetch_all(loaded).digests)

    assert loaded.correct("default", wrong, "ham", AUTHOR) == 1

    examples = fetch_all(loaded)
    assert dict(zip(examples.texts, examples.classifications, strict=True))["minutes of the meeting"] == "ham"
    assert digest_rows(examples.digests) != before
    assert load_file(loaded, make_csv(*ROWS))[0].already_there == 4
    assert loaded.stats()[0].classifications == {"ham": 3, "spam": 1}
    (entry,) = loaded.list_changes(10)
    assert entry[1:] == ("jo", "corrected", "default", 1, "wrong label")


def test_a_corrected_example_is_as_if_it_had_been_loaded_with_that_class(
    loaded: ExamplesStore, make_csv: MakeFile
) -> None:
    loaded.correct("default", choose(loaded, Criteria("default", text="minutes")), "ham", AUTHOR)
    load_file(loaded, make_csv(*(row.replace("spam,minutes", "ham,minutes") for row in ROWS)), collection="right")

    corrected, right = fetch_all(loaded), fetch_all(loaded, "right")

    assert [*corrected.digests] == [*right.digests]
    assert [*corrected.classifications] == [*right.classifications]


def test_what_changed_since_it_was_chosen_stays(loaded: ExamplesStore) -> None:
    chosen = choose(loaded, Criteria("default", text="minutes"))
    loaded.correct("default", chosen, "ham", AUTHOR)

    assert loaded.correct("default", chosen, "other", AUTHOR) == 0
    assert loaded.delete("default", chosen, AUTHOR) == 0
    assert loaded.correct("default", choose(loaded, Criteria("default", text="minutes")), "ham", AUTHOR) == 0
    assert loaded.stats()[0].classifications == {"ham": 3, "spam": 1}
    assert len(loaded.list_changes(10)) == 1


def test_many_are_corrected_and_deleted(store: ExamplesStore, make_csv: MakeFile) -> None:
    load_file(store, make_csv(*(f"2024-05-01,a,text {number}" for number in range(1_000))))

    assert store.correct("default", choose(store, Criteria("default", text="text 1")), "b", AUTHOR) == 111
    assert store.correct("default", choose(store, Criteria("default")), "c", AUTHOR) == 1_000
    assert store.delete("default", choose(store, Criteria("default", classification="c")), AUTHOR) == 1_000
    assert store.stats() == []


def test_corrections_use_the_current_key_and_no_rotation_begins_meanwhile(loaded: ExamplesStore) -> None:
    rotate_key(loaded)
    loaded.correct("default", choose(loaded, Criteria("default")), "one", AUTHOR)

    assert loaded.key_ids() == {loaded.keyring.current.id}
    with loaded.database.connection() as connection:
        connection.execute("SELECT pg_advisory_xact_lock_shared(hashtext('pipeline examples'), 2)")
        with pytest.raises(ExamplesError, match="or examples corrected"), loaded.only_rotation():
            pass


def test_what_is_deleted_is_in_none_of_the_tables_files(
    loaded: ExamplesStore, examples_url: str, make_csv: MakeFile
) -> None:
    load_file(loaded, make_csv("2024-05-05,spam," + "long " * 2_000, name="long.csv"))
    with psycopg.connect(examples_url) as connection:
        dead = [bytes(row[0][-40:]) for row in connection.execute("SELECT payload FROM examples").fetchall()]
    chosen = choose(loaded, Criteria("default", classification="spam"))
    assert count_bytes(examples_url, dead) == 5

    assert loaded.delete("default", chosen, AUTHOR) == 3

    assert count_bytes(examples_url, dead) == 2
    assert loaded.stats()[0].classifications == {"ham": 2}


def count_bytes(url: str, needles: list[bytes]) -> int:
    """Return how many of some bytes are in the files of the examples' table."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        folder = Path(str(connection.execute("SHOW data_directory").fetchone()[0]))  # type: ignore[index]
        files = connection.execute(
            "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relname = 'examples' "
            "OR oid = (SELECT reltoastrelid FROM pg_class WHERE relname = 'examples')"
        ).fetchall()
    written = [(folder / name).read_bytes() for (name,) in files]
    return sum(any(needle in content for content in written) for needle in needles)


def test_the_journal_is_only_added_to(loaded: ExamplesStore, examples_db: Database) -> None:
    loaded.delete("default", choose(loaded, Criteria("default", classification="ham")), AUTHOR)

    for statement in ("DELETE FROM changes", "UPDATE changes SET reason = ''", "TRUNCATE changes"):
        with pytest.raises(Exception, match="only added to"), examples_db.connection() as connection:
            connection.execute(statement)
    assert [each.kind for each in loaded.list_changes(10)] == ["deleted"]


IDS = ColumnChoice(id="id")
HEADER = "id,time,label,text"


def test_a_file_replaces_examples_by_their_ids(store: ExamplesStore, make_csv: MakeFile) -> None:
    load_file(store, make_csv(*(f"post-{place},{row}" for place, row in enumerate(ROWS)), header=HEADER), IDS)
    again = make_csv(
        "post-0,2024-05-01,ham,Cheap WATCHES today", "post-1,2024-05-02,ham,see you at noon",
        "post-2,2024-06-03,ham,minutes of another meeting", "post-9,2024-05-09,spam,new", header=HEADER,
        name="again.csv",
    )  # fmt: skip

    counts, _ = load_file(store, again, IDS, replacing=AUTHOR)

    assert (counts.read, counts.replaced, counts.loaded, counts.already_there) == (4, 2, 1, 1)
    found = {each.text: (each.classification, f"{each.occurred_at:%m-%d}") for each in store.find(Criteria("default"))}
    assert found == {
        "Cheap WATCHES today": ("ham", "05-01"),
        "see you at noon": ("ham", "05-02"),
        "watches are cheap": ("ham", "05-04"),
        "new": ("spam", "05-09"),
        "minutes of another meeting": ("ham", "06-03"),
    }
    (change,) = store.list_changes(10)
    assert (change.kind, change.examples, change.changed_by) == ("replaced", 2, "jo")
    assert load_file(store, again, IDS)[0].already_there == 4
    rotate_key(store)  # what was replaced is under the current key, and stays readable
    assert len([*store.find(Criteria("default"))]) == 5


def test_a_file_that_contradicts_itself_replaces_nothing(store: ExamplesStore, make_csv: MakeFile) -> None:
    load_file(store, make_csv(f"post-0,{ROWS[0]}", header=HEADER), IDS)
    twice = make_csv(f"post-0,{ROWS[1]}", f"post-0,{ROWS[2]}", header=HEADER, name="twice.csv")

    with pytest.raises(BrokenRowsError):
        load_file(store, twice, IDS, replacing=AUTHOR)

    assert [each.text for each in store.find(Criteria("default"))] == ["Cheap WATCHES today"]
    assert store.list_changes(10) == []
    assert load_file(store, twice, IDS, skip_bad=True, replacing=AUTHOR)[0].replaced == 1
    assert [each.text for each in store.find(Criteria("default"))] == ["see you at noon"]


def test_a_file_of_the_former_labels_is_refused_without_the_option(store: ExamplesStore, make_csv: MakeFile) -> None:
    path = make_csv(f"post-0,{ROWS[0]}", header=HEADER)
    load_file(store, path, IDS)
    store.correct("default", choose(store, Criteria("default")), "ham", AUTHOR)

    with pytest.raises(BrokenRowsError, match="is already there with another text, class or time"):
        load_file(store, path, IDS)
    assert load_file(store, path, IDS, replacing=AUTHOR)[0].replaced == 1
