"""Speed and answers of oneDAL compared with scikit-learn: `python benchmarks/estimators.py EXAMPLES.csv.gz`.

Both fit each estimator that oneDAL covers, with the same options, one after the other in one process and on one thread,
on the features that adapters make of the oldest examples; then they answer the examples after those. Seconds are the
process's CPU time. `SupportVectorClassifier` is the product's SVC: it chooses between the two, and computes the answers
itself. Where `by` says scikit-learn, the extension passed the work on; `alike` says whether a second fit gives
the same numbers.
"""

import argparse
import csv
import gzip
import json
import logging
import os
import platform
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import sklearnex.ensemble
import sklearnex.linear_model
import sklearnex.neighbors
import sklearnex.svm
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from pipeline.adapters import adapters
from pipeline.components.features import Features, is_sparse
from pipeline.models.machinery.acceleration import DISTRIBUTION, limit_onedal
from pipeline.models.machinery.estimators.support_vector_classifier import SupportVectorClassifier
from pipeline.serialisation.fitted import find_version

Row = dict[str, Any]
Pair = tuple[str, type[Any], type[Any], dict[str, Any]]

KERNELS = ("linear", "poly", "rbf", "sigmoid")
SETS: dict[str, tuple[str, dict[str, Any], float]] = {
    "word2vec 100": ("Word2VecAdapter", {"sequence_length": 1_000, "pooling": "mean", "vector_size": 100}, 1.0),
    "word2vec 300": ("Word2VecAdapter", {"sequence_length": 1_000, "pooling": "mean", "vector_size": 300}, 1.0),
    "sequence 5,000": ("Word2VecAdapter", {"sequence_length": 50, "vector_size": 100}, 0.3),
    "TF-IDF 10,000": ("TfidfAdapter", {"max_features": 10_000}, 1.0),
}
"""By name: an adapter, its options, and the share of the rows on which it is measured."""
COLUMNS = (
    "features", "rows", "estimator", "by", "fit s", "faster", "predict s", "faster", "same answers",
    "largest difference", "accuracy", "with oneDAL", "alike",
)  # fmt: skip


def list_pairs() -> Iterator[Pair]:
    """Yield a name, scikit-learn's class, the faster one, and options for both."""
    for kernel in KERNELS:
        yield f"SVC {kernel}", SVC, sklearnex.svm.SVC, {"kernel": kernel}
    for kernel in KERNELS:
        yield f"SupportVectorClassifier {kernel}", SVC, SupportVectorClassifier, {"kernel": kernel}
    regression = sklearnex.linear_model.LogisticRegression
    yield "LogisticRegression", LogisticRegression, regression, {"max_iter": 1_000}
    for weights in ("uniform", "distance"):
        options = {"algorithm": "brute", "weights": weights}
        neighbours = sklearnex.neighbors.KNeighborsClassifier
        yield f"KNeighborsClassifier {weights}", KNeighborsClassifier, neighbours, options
    seeded = {"random_state": 0, "n_jobs": 1}
    yield "RandomForestClassifier", RandomForestClassifier, sklearnex.ensemble.RandomForestClassifier, seeded
    yield "ExtraTreesClassifier", ExtraTreesClassifier, sklearnex.ensemble.ExtraTreesClassifier, seeded


def read_examples(path: Path) -> tuple[list[str], list[str]]:
    """Return texts and classes, the oldest first."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["timestamp"])
    return [row["text"] for row in rows], [row["label"] for row in rows]


class Listener(logging.Handler):
    """Records whether the extension passed the work on to scikit-learn."""

    def __init__(self) -> None:
        super().__init__()
        self.fallen_back = False

    def emit(self, record: logging.LogRecord) -> None:
        self.fallen_back |= ".fit: " in record.getMessage() and "fallback" in record.getMessage()


def measure(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result of the work, and its CPU seconds."""
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def score(estimator: Any, rows: Features) -> NDArray[np.float64]:
    """Return decision values, or probabilities if the estimator has no decision values."""
    way = estimator.decision_function if hasattr(estimator, "decision_function") else estimator.predict_proba
    return np.asarray(way(rows), dtype=np.float64)


def compare(pair: Pair, training: tuple[Any, Any], testing: tuple[Any, Any], listener: Listener) -> Row:
    """Return a row of the table."""
    _, plain, fast, options = pair
    slow, slow_fit = measure(lambda: plain(**options).fit(*training))
    expected, slow_predict = measure(lambda: slow.predict(testing[0]))
    listener.fallen_back = False
    with limit_onedal():
        found, fit = measure(lambda: fast(**options).fit(*training))
        answers, predict = measure(lambda: found.predict(testing[0]))
        again = fast(**options).fit(*training)
        numbers, others = score(found, testing[0]), score(again, testing[0])
    is_ours = getattr(found, "trained_by_onedal_", not listener.fallen_back)
    return {
        "by": "oneDAL" if is_ours else "scikit-learn",
        "fit_seconds": slow_fit,
        "fit_ratio": slow_fit / fit,
        "predict_seconds": slow_predict,
        "predict_ratio": slow_predict / predict,
        "same_answers": float(np.mean(answers == expected)),
        "largest_difference": float(np.abs(numbers - score(slow, testing[0])).max()),
        "accuracy": float(np.mean(expected == testing[1])),
        "accuracy_with_onedal": float(np.mean(answers == testing[1])),
        "alike": bool(np.array_equal(numbers, others)),
    }


def measure_all(texts: list[str], classes: list[str], chosen: argparse.Namespace) -> Iterator[Row]:
    """Yield a row for each estimator on each set of features."""
    listener = Listener()
    logger = logging.getLogger("sklearnex")
    logger.handlers, logger.propagate = [listener], False
    logger.setLevel(logging.INFO)
    targets = np.unique(classes, return_inverse=True)[1]
    for name, (adapter, options, share) in SETS.items():
        count = int(chosen.rows * share)
        size = count + min(2_000, count)
        oldest = texts[:size]
        features = adapters[adapter](**options).fit(oldest[:count]).transform(oldest).astype(np.float64)
        for pair in list_pairs():
            if not any(part in pair[0] for part in chosen.only):
                continue
            training, testing = (features[:count], targets[:count]), (features[count:], targets[count:size])
            row = compare(pair, training, testing, listener)
            print(name, pair[0], file=sys.stderr)
            yield {"features": name, "sparse": is_sparse(features), "rows": count, "estimator": pair[0]} | row


def format_cells(row: Row) -> list[str]:
    """Return a row of the Markdown table."""
    return [
        row["features"], f"{row['rows']:,}", row["estimator"], row["by"],
        f"{row['fit_seconds']:.2f}", f"{row['fit_ratio']:.1f} ×",
        f"{row['predict_seconds']:.2f}", f"{row['predict_ratio']:.1f} ×",
        f"{row['same_answers']:.2%}", f"{row['largest_difference']:.1e}",
        f"{row['accuracy']:.4f}", f"{row['accuracy_with_onedal']:.4f}", "yes" if row["alike"] else "no",
    ]  # fmt: skip


def main() -> None:
    """Measure every estimator and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path, help="gzip CSV with the columns timestamp, text and label")
    parser.add_argument("--rows", type=int, default=10_000, help="how many of the oldest examples train")
    parser.add_argument("--only", nargs="+", default=[""], help="estimators whose name contains any of these")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    texts, classes = read_examples(chosen.examples)
    machine = {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{name: find_version(name) for name in ("scikit-learn", DISTRIBUTION, "numpy")},
    }
    with threadpool_limits(1):
        rows = measure_all(texts, classes, chosen)
        if chosen.json:
            print(json.dumps({"machine": machine, "rows": list(rows)}, indent=2))
            return
        print(", ".join(f"{name} {value}" for name, value in machine.items()), end="\n\n")
        print("|", " | ".join(COLUMNS), "|")
        print("|", " | ".join("---" for _ in COLUMNS), "|")
        for row in rows:
            print("|", " | ".join(format_cells(row)), "|", flush=True)


if __name__ == "__main__":
    main()
