"""Size of documents, and time to write and read them: `python benchmarks/documents.py [EXAMPLES.csv.gz]`.

Every model is fitted with its default options on the same TF-IDF features of examples; without a file, the examples are
made up. Its part of a document, in either encoding, is compared with what joblib and skops write of scikit-learn's own
estimator, fitted with the same options. The ways of one model take turns, several times, and the fastest time of each
counts. joblib's files execute what they hold when they are read; skops' files do not.

With `--store`, documents are saved in a models database and loaded from it instead; see `stored_documents.py`.
"""

import argparse
import csv
import gzip
import io
import json
import random
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import skops.io
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from machine import describe_machine, format_machine
from stored_documents import measure_store

from corpus import make_options
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.components.features import densify
from pipeline.models import models
from pipeline.models.base import Model
from pipeline.serialisation.document import read_document, write_document

ROUNDS = 5
COLUMNS = (
    "class", "joblib bytes", "json", "binary", "skops", "joblib write s", "json", "binary", "skops", "joblib read s",
    "json", "binary", "skops",
)  # fmt: skip


def read_examples(path: Path | None, most: int) -> tuple[list[str], list[str]]:
    """Return texts and classes of a file, or made-up ones: ten classes, words with the frequencies of a language."""
    if path is not None:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = [(row["text"], row["label"]) for row in csv.DictReader(file)][:most]
        return [text for text, _ in rows], [label for _, label in rows]
    draw = random.Random(0)  # noqa: S311
    words = [f"w{rank}" for rank in range(20_000)]
    weights = [1 / (rank + 10) for rank in range(len(words))]
    classes = [f"class {number % 10}" for number in range(most)]
    texts = []
    for name in classes:
        own = [f"own{name[-1]}{draw.randrange(40)}" for _ in range(4)]
        texts.append(" ".join([*draw.choices(words, weights, k=60), *own]))
    return texts, classes


def measure(ways: dict[str, tuple[Callable[[], bytes], Callable[[bytes], Any]]]) -> dict[str, dict[str, float]]:
    """Return size, writing time and reading time of each way; the ways take turns."""
    found = {name: {"bytes": 0.0, "write": float("inf"), "read": float("inf")} for name in ways}
    for _ in range(ROUNDS):
        for name, (write, read) in ways.items():
            started = time.perf_counter()
            data = write()
            written = time.perf_counter()
            read(data)
            ended = time.perf_counter()
            best = found[name]
            best["bytes"] = len(data)
            best["write"] = min(best["write"], written - started)
            best["read"] = min(best["read"], ended - written)
    return found


def dump(value: Any) -> bytes:
    """Return what joblib writes."""
    buffer = io.BytesIO()
    joblib.dump(value, buffer)
    return buffer.getvalue()


def list_ways(component: Model, fitted: Any) -> dict[str, tuple[Callable[[], bytes], Callable[[bytes], Any]]]:
    """Return how a component, and what it has fitted, are written and read."""

    def write(encoding: str) -> Callable[[], bytes]:
        return lambda: write_document(component.to_dict(), encoding)

    def read(data: bytes) -> Any:
        return type(component).from_dict(read_document(data))

    def read_skops(data: bytes) -> Any:
        return skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))

    ways: dict[str, tuple[Callable[[], bytes], Callable[[bytes], Any]]] = {
        "joblib": (lambda: dump(fitted), lambda data: joblib.load(io.BytesIO(data))),
        "json": (write("json"), read),
        "binary": (write("binary"), read),
        "skops": (lambda: skops.io.dumps(fitted), read_skops),
    }
    try:
        read_skops(skops.io.dumps(fitted))
    except Exception:  # noqa: BLE001 - skops supports scikit-learn; there is no figure for what it cannot write
        del ways["skops"]
    return ways


def list_models(texts: list[str], classes: list[str]) -> list[tuple[Model, Any]]:
    """Return every model, fitted, and scikit-learn's own estimator, fitted with the same options on the same rows."""
    features = TfidfAdapter(max_features=5_000, min_df=2).fit(texts).transform(texts)
    names = sorted(set(classes))
    targets = np.array([names.index(name) for name in classes])
    found: list[tuple[Model, Any]] = []
    for name, model in models.classes.items():
        made = model(**make_options(model))
        estimator = getattr(made, "make_estimator")(0)  # noqa: B009 - models of other packages may have none
        prepared = features if model.takes_sparse else densify(features, np.float32, name)
        found.append((made.fit(features, classes), estimator.fit(prepared, targets)))
        print(f"fitted {name}", file=sys.stderr)
    return found


def main() -> None:
    """Measure every class and print the table: joblib's figures, and the others' as ratios to them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path, nargs="?", help="gzip CSV with the columns text and label")
    parser.add_argument("--most", type=int, default=3_000, help="how many of the examples are used")
    parser.add_argument("--store", action="store_true", help="measure the models database instead")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    if chosen.store:
        print_stored([row for encoding in ("json", "binary") for row in measure_store(encoding, 3)], chosen.json)
        return
    rows: list[dict[str, Any]] = []
    with threadpool_limits(1):
        for model, fitted in list_models(*read_examples(chosen.examples, chosen.most)):
            rows.append({"class": model.name, "ways": measure(list_ways(model, fitted))})
    if chosen.json:
        print(json.dumps({"machine": describe_machine(), "models": rows}, indent=2))
        return
    print(format_machine(), "\n")
    print("|", " | ".join(COLUMNS), "|")
    print("|", " | ".join("---" for _ in COLUMNS), "|")
    for row in rows:
        print("|", " | ".join(format_cells(row)), "|")


def print_stored(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Print what the models database took, as a table or JSON."""
    if as_json:
        print(json.dumps({"machine": describe_machine(), "stored": rows}, indent=2))
        return
    print(format_machine(), "\n")
    print("| encoding | way | documents a second | MiB a second | round trips | adapters stored |")
    print("| --- | --- | --: | --: | --: | --: |")
    for row in rows:
        stored = "" if row["adapters_stored"] is None else f"{row['adapters_stored']:.0%} of those given"
        print("|", " | ".join(map(str, [*row.values()][:-1])), "|", stored, "|")


def format_cells(row: dict[str, Any]) -> list[str]:
    """Return a row of the table; a ratio that misses its target is bold."""
    aims = {("bytes", "json"): 1.6, ("bytes", "binary"): 1.0, ("read", "json"): 2.0, ("read", "binary"): 2.0}
    ways, cells = row["ways"], [row["class"]]
    for figure in ("bytes", "write", "read"):
        base = ways["joblib"][figure]
        cells.append(f"{base:,.0f}" if figure == "bytes" else f"{base:.4f}")
        for name in ("json", "binary", "skops"):
            ratio = ways[name][figure] / base if name in ways else None
            text = "–" if ratio is None else f"{ratio:.2f}"
            missed = ratio is not None and ratio > aims.get((figure, name), float("inf"))
            cells.append(f"**{text}**" if missed else text)
    return cells


if __name__ == "__main__":
    main()
