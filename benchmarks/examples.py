"""Rows per second loaded and fetched, compared with unencrypted PostgreSQL: `python benchmarks/examples.py [FILE]`.

Made-up examples of 200 characters, or those of a gzip CSV repeated, are loaded into a PostgreSQL server of its own and
fetched into lists: encrypted by `ExamplesStore`, and unencrypted by COPY. Each way runs in a process of its own; all
take turns, and each figure is the median. Parsing a file is not measured. The table shows wall clock and CPU time of
the client; the server's work, on another core if there is one, is in the wall clock only.
"""

import argparse
import csv
import gzip
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psycopg
from apart import Taken, measure_apart, measure_in_turn
from machine import describe_machine, format_machine
from scratch import connect, scratch_environment

from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.example import Selection
from pipeline.examples.rows import IncomingRow
from pipeline.stores.examples.store import ExamplesStore

START, END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
CHARACTERS = 200
TABLE = "CREATE TABLE plain (text text, classification text, occurred_at timestamptz)"
KEYED = "CREATE TABLE keyed (id text PRIMARY KEY, text text, classification text, occurred_at timestamptz)"
COLUMNS = "text, classification, occurred_at"
ORDERED = "SELECT text, classification, occurred_at FROM plain ORDER BY occurred_at"
Work = Callable[[], Any]


def make_rows(path: Path | None, count: int) -> list[IncomingRow]:
    """Return `count` rows, a minute apart."""
    contents = _read_contents(path) if path else _make_contents()
    return [
        IncomingRow(number, f"row {number}", START + timedelta(minutes=number), name, text)
        for number, (name, text) in enumerate(islice(contents, count))
    ]


def _read_contents(path: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from cycle([(row["label"], row["text"]) for row in csv.DictReader(file)])


def _make_contents() -> Iterator[tuple[str, str]]:
    draw = random.Random(0)  # noqa: S311
    words = [f"{draw.choice('bcdfglmnprst')}{draw.choice('aeiou')}{rank:x}" for rank in range(20_000)]
    while True:
        text = " ".join(draw.choices(words, k=CHARACTERS // 3))[:CHARACTERS]
        yield f"class {draw.randrange(20)}", text


def load_encrypted(environment: dict[str, str], path: Path | None, count: int) -> Work:
    """Load by `ExamplesStore.load`, each row with an id, into a table without rows."""
    rows, store = make_rows(path, count), _open_store(environment)
    with store.database.connection() as connection:
        connection.execute("TRUNCATE examples")
    return lambda: store.load("default", rows, BrokenRows("made up")).loaded


def load_plain(environment: dict[str, str], path: Path | None, count: int, keyed: bool) -> Work:
    """Load by COPY into a table without key and index, or, if `keyed`, with those of the examples' table."""
    rows, url = make_rows(path, count), environment["AIRFLOW_CONN_EXAMPLES_DB"]
    name, columns = ("keyed", f"id, {COLUMNS}") if keyed else ("plain", COLUMNS)
    with psycopg.connect(url) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {name}".encode())
        connection.execute(KEYED if keyed else TABLE)
        if keyed:
            connection.execute("CREATE INDEX ON keyed (occurred_at)")

    def load() -> int:
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            with cursor.copy(f"COPY {name} ({columns}) FROM STDIN".encode()) as copy:
                for _, row_id, occurred_at, classification, text in rows:
                    fields = (text, classification, occurred_at)
                    copy.write_row((row_id, *fields) if keyed else fields)
            return cursor.rowcount

    return load


def fetch_encrypted(environment: dict[str, str]) -> Work:
    """Fetch and decrypt by `ExamplesStore.fetch`."""
    store = _open_store(environment)
    return lambda: len(store.fetch(Selection("default", START, END)))


def fetch_plain(environment: dict[str, str], way: str) -> Work:
    """Fetch by COPY into lists or discard the rows, or fetch in chunks into lists, which is psycopg's fastest way."""

    def fetch() -> int:
        texts, names, moments = [], [], []
        with psycopg.connect(environment["AIRFLOW_CONN_EXAMPLES_DB"]) as connection, connection.cursor() as cursor:
            if way == "chunks":
                for text, name, moment in cursor.stream(ORDERED, binary=True, size=128):
                    texts.append(text)
                    names.append(name)
                    moments.append(moment)
                return len(texts)
            with cursor.copy(f"COPY ({ORDERED}) TO STDOUT (FORMAT BINARY)".encode()) as copy:
                if way == "nothing":
                    return sum(1 for _ in copy) - 1
                copy.set_types(("text", "text", "timestamptz"))
                for text, name, moment in copy.rows():
                    texts.append(text)
                    names.append(name)
                    moments.append(moment)
        return len(texts)

    return fetch


def _open_store(environment: dict[str, str]) -> ExamplesStore:
    connections = connect(environment)
    return ExamplesStore(connections.examples_db, connections.keyring)


def measure(path: Path | None, rows: int, rounds: int) -> dict[str, Taken]:
    """Return what each way took."""
    with scratch_environment() as environment:
        loading = (environment, path, rows)
        ways: dict[str, Callable[[], Taken]] = {
            "load: COPY": partial(measure_apart, load_plain, *loading, False),
            "load: COPY, with key and index": partial(measure_apart, load_plain, *loading, True),
            "load: encrypted": partial(measure_apart, load_encrypted, *loading),
            "fetch: COPY, rows dropped": partial(measure_apart, fetch_plain, environment, "nothing"),
            "fetch: COPY, into lists": partial(measure_apart, fetch_plain, environment, "lists"),
            "fetch: in chunks, into lists": partial(measure_apart, fetch_plain, environment, "chunks"),
            "fetch: encrypted, into lists": partial(measure_apart, fetch_encrypted, environment),
        }
        return measure_in_turn(ways, rounds)


def main() -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path, nargs="?", help="gzip CSV with the columns text and label")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    table = []
    found = measure(chosen.examples, chosen.rows, chosen.rounds)
    for name, taken in found.items():
        if taken.given != chosen.rows:
            raise SystemExit(f"{name}: {taken.given} rows instead of {chosen.rows}")
        peer = found["load: COPY" if name.startswith("load") else "fetch: COPY, into lists"]
        table.append(
            {
                "way": name,
                "rows_per_second": round(chosen.rows / taken.seconds),
                "ratio": round(peer.seconds / taken.seconds, 2),
                "core_microseconds_per_row": round(1e6 * taken.core_seconds / chosen.rows, 2),
                "peak_mib_above_start": round(taken.peak_bytes / 2**20),
            }
        )
    if chosen.json:
        print(json.dumps({"machine": describe_machine(), "rows": chosen.rows, "ways": table}, indent=2))
        return
    print(format_machine(), f"\n{chosen.rows:,} rows, median of {chosen.rounds}\n")
    print("| way | rows a second | × COPY | µs of a core per row | MiB above start |\n| --- | --: | --: | --: | --: |")
    for row in table:
        print("| {} | {:,} | {:.2f} | {:.2f} | {:,} |".format(*row.values()))


if __name__ == "__main__":
    main()
