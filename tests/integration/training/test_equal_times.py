"""Examples of one moment on real databases: who is tested is drawn, the same everywhere, and told."""

import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from commands import run_pipeline
from factories import make_definition, make_expansion, make_plan
from pipeline.datasets.span_dataset import SpanDataset
from pipeline.datasets.split import Split
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.keyring import KeyRing
from pipeline.examples.rows import IncomingRow
from pipeline.plans import Definition
from pipeline.runs.connections import Connections
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore
from pipeline.training.lineage import TaskRun

RUN = TaskRun("run-1")
DAY = datetime(2024, 3, 1, tzinfo=UTC)
NAMES = ("ham", "spam", "zeta")
ROWS = [(name, f"{name} of lot {number}") for name in NAMES for number in range(50)]
CUT = "the split cuts through 150 examples of 2024-03-01T00:00:00+00:00: 105 train, 45 test"


def make_dataset(collection: str = "default", **options: Any) -> SpanDataset:
    return SpanDataset("2024-3-1", "2024-3-2", 0.7, collection, **options)


def load(store: ExamplesStore, rows: Sequence[tuple[str, str]], collection: str = "default", seed: int = 0) -> None:
    """Load examples of one moment, classes and texts, in an order of its own for each seed."""
    shuffled = random.Random(seed).sample(rows, len(rows))  # noqa: S311
    incoming = [IncomingRow(line, None, DAY, name, text) for line, (name, text) in enumerate(shuffled, 2)]
    store.load(collection, incoming, BrokenRows("test"))


def list_rows(split: Split) -> list[list[tuple[str, str]]]:
    sets = (split.training, split.testing)
    return [[*zip(each.classifications, each.texts, strict=True)] for each in sets]


def count(names: Iterable[str]) -> list[int]:
    counts = Counter(names)
    return [counts[name] for name in NAMES]


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> KeyRing:
    """The key ring of every store in a test."""
    keyring = KeyRing.generate()
    monkeypatch.setattr(KeyRing, "of", lambda _: keyring)
    return keyring


@pytest.fixture
def store(examples_db: Database, keyring: KeyRing) -> ExamplesStore:
    """A store of a hundred and fifty examples of one moment, fifty of each class."""
    store = ExamplesStore(examples_db, keyring)
    load(store, ROWS)
    return store


@pytest.fixture
def environ(examples_url: str, models_url: str, keyring: KeyRing, tmp_path: Path) -> dict[str, str]:
    """The environment of these databases, with the key ring in a file."""
    keyring.save(tmp_path / "keys")
    return {
        "AIRFLOW_CONN_EXAMPLES_DB": examples_url,
        "AIRFLOW_CONN_MODELS_DB": models_url,
        "AIRFLOW_CONN_NOTIFICATIONS": "memory://",
        "PIPELINE_EXAMPLES_KEYS_FILE": str(tmp_path / "keys"),
    }


def make_block(**options: Any) -> dict[str, Any]:
    moments = {"start_datetime_str": "2024-3-1", "end_datetime_str": "2024-3-2"}
    return {"name": "SpanDataset", "options": moments | {"training_ratio": 0.7} | options}


def preview(environ: dict[str, str], tmp_path: Path, *arguments: object, **options: Any) -> str:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(make_plan(dataset=make_block(**options))))
    done = run_pipeline(environ, "plan", "preview", path, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_class_is_tested_by_about_its_share(store: ExamplesStore) -> None:
    split = make_dataset().split(store)

    assert len(split.testing) == 45
    assert min(count(split.testing.classifications)) >= 7


def test_another_database_key_ring_and_order_of_rows_give_the_same(store: ExamplesStore, examples_db: Database) -> None:
    load(store, ROWS, "again", seed=1)
    again = make_dataset("again").split(store)
    with examples_db.connection() as connection:
        connection.execute("TRUNCATE examples")
    other = ExamplesStore(examples_db, KeyRing.generate())
    load(other, ROWS, seed=2)

    assert list_rows(make_dataset().split(other)) == list_rows(again)


def test_a_rename_of_the_classes_moves_no_row(store: ExamplesStore) -> None:
    renamed = {"ham": "zzz", "spam": "aaa", "zeta": "mmm"}
    load(store, [(renamed[name], text) for name, text in ROWS], "renamed", seed=3)

    before, after = (list_rows(make_dataset(collection).split(store)) for collection in ("default", "renamed"))

    assert after == [[(renamed[name], text) for name, text in rows] for rows in before]


def test_copies_of_a_text_under_ids_of_their_own_are_spread(store: ExamplesStore) -> None:
    rows = [IncomingRow(line, str(line), DAY, NAMES[line % 3], NAMES[line % 3]) for line in range(150)]
    store.load("copies", rows, BrokenRows("test"))

    assert min(count(make_dataset("copies").split(store).testing.classifications)) >= 7


def test_the_newest_are_of_every_class(store: ExamplesStore) -> None:
    split = make_dataset(max_examples=60).split(store)

    assert min(count([*split.training.classifications, *split.testing.classifications])) >= 12


def test_of_equal_texts_either_class_stays(store: ExamplesStore) -> None:
    load(store, [(name, f"text {number}") for number in range(100) for name in NAMES[:2]], "doubles")

    split = make_dataset("doubles", duplicates="remove").split(store)

    ham, spam, _ = count([*split.training.classifications, *split.testing.classifications])
    assert (ham + spam, 30 < ham < 70) == (100, True)


def test_the_log_tells_of_the_cut(store: ExamplesStore) -> None:
    with capture_logs() as logs:
        make_dataset(max_examples=100).split(store)

    moment = DAY.isoformat()
    assert [{name: each[name] for name in each if name != "event"} for each in logs] == [
        {"log_level": "warning", "moment": moment, "training": 70, "testing": 30},
        {"log_level": "warning", "moment": moment, "removed": 50, "kept": 100},
    ]


@pytest.mark.usefixtures("store")
def test_show_tells_of_the_cuts_and_of_classes_without_a_test(
    environ: dict[str, str], examples_db: Database, models_db: Database, keyring: KeyRing
) -> None:
    older = [IncomingRow(1, None, datetime(2024, 2, 29, tzinfo=UTC), "rare", "the only one")]
    ExamplesStore(examples_db, keyring).load("default", older, BrokenRows("test"))
    block = make_block(start_datetime_str="2024-2-1", max_examples=None)
    definition = Definition.from_dict(make_definition().to_dict() | {"dataset": block})
    Ledger(models_db).open_run(RUN.run_id, {}, make_expansion(definition))
    train(definition.label, RUN, Connections(examples_db, models_db, "memory://"))

    shown = run_pipeline(environ, "models", "show", definition.label).stdout.splitlines()
    lineage = ModelsStore(models_db).get_model(definition.label)["lineage"]

    assert [line for line in shown if line.startswith(("training", "testing", "untested", "cut"))] == [
        "training  106 examples of 4 classes, 2024-02-29T00:00:00+00:00 … 2024-03-01T00:00:00+00:00",
        "testing   45 examples of 3 classes, 2024-03-01T00:00:00+00:00 … 2024-03-01T00:00:00+00:00",
        "untested  1 of 4 classes has no testing example",
        f"cut       {CUT}",
    ]
    assert not [name for name in (*NAMES, "rare") if f'"{name}"' in json.dumps(lineage)]


@pytest.mark.usefixtures("store")
def test_preview_tells_what_training_would(environ: dict[str, str], tmp_path: Path) -> None:
    lines = preview(environ, tmp_path).splitlines()
    (split,) = json.loads(preview(environ, tmp_path, "--json"))["splits"]

    moment = DAY.isoformat()
    start = lines.index("SpanDataset of 4 definitions:")
    assert lines[start + 1 :] == [
        f"  training  105 examples of 3 classes, {moment} … {moment}",
        f"  testing   45 examples of 3 classes, {moment} … {moment}",
        f"  cut       {CUT}",
    ]
    assert (split["dataset"]["options"]["training_ratio"], split["definitions"]) == (0.7, 4)
    assert split["examples"]["ties"]["split"] == {"moment": moment, "training": 105, "testing": 45}
    assert (split["problem"], split["not_looked_at"]) == ("", "")


@pytest.mark.usefixtures("store")
def test_preview_tells_of_each_dataset_and_of_one_that_cannot_be_split(environ: dict[str, str], tmp_path: Path) -> None:
    options = {"classes": [None, ["ham", "furit"]], "max_examples": [None, 100]}

    lines = [line for line in preview(environ, tmp_path, **options).splitlines() if line.startswith(("Span", "  "))]
    splits = json.loads(preview(environ, tmp_path, "--json", **options))["splits"]

    assert [line for line in lines if line.startswith("Span")] == [
        "SpanDataset of 4 definitions (classes=null, max_examples=null):",
        "SpanDataset of 4 definitions (classes=null, max_examples=100):",
        'SpanDataset of 4 definitions (classes=["furit", "ham"], max_examples=null):',
        'SpanDataset of 4 definitions (classes=["furit", "ham"], max_examples=100):',
    ]
    assert "  removed   50 older than the newest wanted" in lines
    told = "  fails     SpanDataset: no selected example belongs to 'furit', and training needs two classes; "
    assert [line.startswith(told) for line in lines[-3:]] == [True, False, True]
    assert [bool(split["examples"]) for split in splits] == [True, True, False, False]
    assert splits[3]["problem"].startswith("SpanDataset: no selected example belongs to 'furit'")


@pytest.mark.usefixtures("store")
def test_preview_says_what_it_did_not_look_at(environ: dict[str, str], tmp_path: Path) -> None:
    ratios = {"training_ratio": [0.5, 0.7]}
    few = preview(environ, tmp_path, "--examples", 200, **ratios).splitlines()
    without = {name: value for name, value in environ.items() if name != "PIPELINE_EXAMPLES_KEYS_FILE"}
    keyless = json.loads(preview(without, tmp_path, "--json", **ratios))["splits"]

    assert few[-1] == (
        "not checked: how 1 dataset splits: 150 examples, but only 50 of the 200 that --examples allows are left"
    )
    assert "  cut       the split cuts through 150 examples of 2024-03-01T00:00:00+00:00: 75 train, 75 test" in few
    told = "not checked: how 2 datasets split: PIPELINE_EXAMPLES_KEYS"
    assert [line.startswith(told) for line in preview(without, tmp_path, **ratios).splitlines()[-2:]] == [False, True]
    assert [split["examples"] for split in keyless] == [None, None]
    assert all("PIPELINE_EXAMPLES_KEYS" in split["not_looked_at"] for split in keyless)


@pytest.mark.usefixtures("store")
def test_check_opens_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(make_plan(dataset=make_block(classes=["ham", "furit"]))))

    done = run_pipeline(environ | {"PIPELINE_EXAMPLES_KEYS_FILE": "/nowhere"}, "plan", "check", path)

    assert (done.returncode, "nothing wrong, 4 definitions" in done.stdout) == (0, True)
