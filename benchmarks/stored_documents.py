"""Saving documents in the models database and loading them: measured by `python benchmarks/documents.py --store`.

A run's models, some of which share an adapter, are saved and loaded one by one, as tasks and services do, each over a
new connection. The peer writes and reads the same bytes: one bytea for each model, one statement, one open connection.
Round trips are counted in what libpq sends, without those that open a connection.
"""

import os
import random
import tempfile
import time
from statistics import median
from typing import Any

import psycopg
from scratch import connect, scratch_environment

from factories import make_definition, make_expansion, make_trained_model
from pipeline.serialisation.document import SplitDocument
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore

MODELS, SHARING = 40, 4
PART_BYTES = {"adapter": 2**20, "model": 2**18}
TABLE = "CREATE TABLE IF NOT EXISTS plain (name text PRIMARY KEY, document bytea STORAGE EXTERNAL)"
UPSERT = "INSERT INTO plain VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET document = EXCLUDED.document"


def make_part(size_bytes: int, encoding: str, seed: int) -> bytes:
    """Return bytes that do not compress; in JSON, half as many, written as hexadecimal text."""
    drawn = random.Random(seed).randbytes(size_bytes)  # noqa: S311
    return drawn if encoding == "binary" else b'{"numbers": "%s"}' % drawn[: size_bytes // 2].hex().encode()


def measure_store(encoding: str, rounds: int) -> list[dict[str, Any]]:
    """Return seconds and bytes of saving and loading, for our store and the peer, as medians of the rounds."""
    taken: dict[str, list[float]] = {}
    with scratch_environment() as environment, psycopg.connect(environment["AIRFLOW_CONN_MODELS_DB"]) as connection:
        connection.autocommit = True
        connection.execute(TABLE)
        store = ModelsStore(connect(environment).models_db)
        definitions = [make_definition(sequence_length=length) for length in range(1, MODELS + 1)]
        for round_number in range(rounds):
            run = f"round-{round_number}"
            Ledger(store.database).open_run(run, {}, make_expansion(*definitions))
            documents = [_make_document(encoding, number, round_number) for number in range(MODELS)]
            models = [
                make_trained_model(definition, run, document=document)
                for definition, document in zip(definitions, documents, strict=True)
            ]
            marks = [time.perf_counter()]
            for model in models:
                store.save(model)
            marks.append(time.perf_counter())
            loaded = [store.get_document(model.label) for model in models]
            marks.append(time.perf_counter())
            for model in models:
                connection.execute(UPSERT, (model.label, (model.document.adapter or b"") + model.document.rest))
            marks.append(time.perf_counter())
            for model in models:
                connection.execute("SELECT document FROM plain WHERE name = %s", (model.label,), binary=True).fetchone()
            marks.append(time.perf_counter())
            if loaded != documents:
                raise SystemExit("the loaded documents differ from the saved ones")
            for number, way in enumerate(("save", "load", "plain save", "plain load")):
                taken.setdefault(way, []).append(marks[number + 1] - marks[number])
        trips = _count_trips(environment["AIRFLOW_CONN_MODELS_DB"], models[0])
        (stored_bytes,) = connection.execute("SELECT sum(size_bytes) FROM adapter_documents").fetchone() or (0,)
    given = rounds * sum(len(document.adapter or b"") for document in documents)
    sent_bytes = sum(document.size_bytes for document in documents)
    return [
        {
            "encoding": encoding,
            "way": way,
            "documents_per_second": round(MODELS / median(seconds)),
            "mib_per_second": round(sent_bytes / median(seconds) / 2**20),
            "round_trips": trips.get(way, 1),
            "adapters_stored": round(float(stored_bytes) / given, 3) if way == "save" else None,
        }
        for way, seconds in taken.items()
    ]


def _make_document(encoding: str, number: int, round_number: int) -> SplitDocument:
    adapter = make_part(PART_BYTES["adapter"], encoding, 1000 * round_number + number // SHARING)
    return SplitDocument(
        encoding, adapter, make_part(PART_BYTES["model"], encoding, 1000 * round_number + 500 + number)
    )


def _count_trips(url: str, model: Any) -> dict[str, int]:
    """Return how often each way waits for an answer of the server when it saves a stored model again."""
    counts = {}
    for way in ("save", "load"):
        with tempfile.TemporaryFile() as log:

            def trace(log: Any = log) -> psycopg.Connection[Any]:
                connection = psycopg.connect(url)
                connection.pgconn.trace(log.fileno())
                return connection

            store = ModelsStore(Database("models_db", trace))
            store.save(model) if way == "save" else store.get_document(model.label)
            os.lseek(log.fileno(), 0, os.SEEK_SET)
            lines = log.read().splitlines()
        sent = (line.split(b"\t") for line in lines)
        counts[way] = sum(1 for fields in sent if fields[1:2] == [b"F"] and fields[3].strip() in (b"Query", b"Sync"))
    return counts
