"""Fetching: batch by batch, and nothing lost, moved or mixed up where one ends."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from integration.loading.loading import fetch_all
from pipeline.errors import KeyRingError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.example import Selection
from pipeline.examples.rows import IncomingRow
from pipeline.stores.database import Database
from pipeline.stores.examples.fetch import BATCH_ROWS
from pipeline.stores.examples.store import ExamplesStore

START = datetime(2016, 1, 1, tzinfo=UTC)
SEVERAL = 2 * BATCH_ROWS + 3


def make_rows(count: int, *, ties: int = 1) -> Iterator[IncomingRow]:
    """Yield rows, of which so many at a time occurred in one minute, the last of them first."""
    for number in reversed(range(count)):
        moment = START + timedelta(minutes=number // ties)
        yield IncomingRow(number + 2, f"row {number}", moment, f"class {number % 3}", f"text {number:05}")


def load(store: ExamplesStore, rows: Iterator[IncomingRow]) -> int:
    return store.load("default", rows, BrokenRows("made up")).loaded


@pytest.mark.parametrize("count", [1, BATCH_ROWS - 1, BATCH_ROWS, BATCH_ROWS + 1, SEVERAL])
def test_every_row_comes_back_whatever_the_batches(store: ExamplesStore, count: int) -> None:
    assert load(store, make_rows(count)) == count

    examples = fetch_all(store)

    assert list(examples.texts) == [f"text {number:05}" for number in range(count)]
    assert list(examples.classifications) == [f"class {number % 3}" for number in range(count)]
    assert list(examples.occurred_at) == [START + timedelta(minutes=number) for number in range(count)]
    assert len(set(examples.digests)) == count


def test_ties_are_ordered_across_batches_and_their_digests_with_them(store: ExamplesStore) -> None:
    load(store, make_rows(SEVERAL, ties=SEVERAL))
    examples = fetch_all(store)
    alone = {}
    for text in ("text 00000", "text 00258"):
        (row,) = [row for row in make_rows(SEVERAL, ties=SEVERAL) if row.text == text]
        store.load(text.replace(" ", "-"), [row], BrokenRows("made up"))
        alone[text] = fetch_all(store, text.replace(" ", "-")).digests[0]

    rows = [(number, f"text {number:05}") for number in range(SEVERAL)]
    drawn = sorted(rows, key=lambda row: hashlib.sha256(f"tie 0:{row[1]}".encode()).digest())
    assert list(examples.texts) == [text for _, text in drawn]
    assert list(examples.classifications) == [f"class {number % 3}" for number, _ in drawn]
    assert {text: examples.digests[list(examples.texts).index(text)] for text in alone} == alone


def test_libpq_that_knows_no_chunks_gives_the_same(store: ExamplesStore, monkeypatch: pytest.MonkeyPatch) -> None:
    load(store, make_rows(SEVERAL))
    expected = fetch_all(store)
    monkeypatch.setattr(psycopg.capabilities, "has_stream_chunked", lambda: False)

    assert fetch_all(store) == expected


def test_moments_at_both_ends_of_the_calendar_come_back(store: ExamplesStore) -> None:
    moments = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_998, UTC)]
    load(store, (IncomingRow(line, None, moment, "a", "text") for line, moment in enumerate(moments)))

    found = store.fetch(Selection("default", moments[0], datetime.max.replace(tzinfo=UTC)))

    assert list(found.occurred_at) == moments


def test_row_that_does_not_open_ends_the_fetch_with_its_id(store: ExamplesStore, examples_db: Database) -> None:
    load(store, make_rows(SEVERAL))
    swap = """
        UPDATE examples SET payload = (SELECT payload FROM examples ORDER BY occurred_at LIMIT 1)
        WHERE id = (SELECT id FROM examples ORDER BY occurred_at OFFSET %s LIMIT 1) RETURNING encode(id, 'hex')
    """
    with examples_db.connection() as connection:
        row = connection.execute(swap, [BATCH_ROWS + 1]).fetchone()

    assert row is not None
    with pytest.raises(KeyRingError, match=row[0]):
        fetch_all(store)
