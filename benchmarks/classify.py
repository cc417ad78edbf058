"""Texts classified per second, compared with scikit-learn: `python benchmarks/classify.py [EXAMPLES.csv.gz]`.

Recipes are trained on made-up examples, or on those of a file, written to a document and read back, as a service does.
The peer is a scikit-learn pipeline with the same vocabulary, inverse document frequencies and weights, taken from the
document. It cuts words in its own way, so the answers of the two are compared. Word vectors have no peer in
scikit-learn. Each way classifies all texts in one call, and some of them one by one. All run on one thread and take
turns; the median of their CPU time counts.

With `--alone`, single texts of the quickstart's examples are classified instead; see `alone.py`.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from alone import compare_alone, print_alone, time_every_class
from machine import describe_machine, format_machine
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from documents import read_examples
from pipeline.adapters import adapters
from pipeline.examples.example import ExampleSet
from pipeline.models import models
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.train import fit

ROUNDS = 5
Classify = Callable[[list[str]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe, and scikit-learn's estimator for it, if any."""

    name: str
    adapter: str
    adapter_options: dict[str, Any]
    model: str
    estimator: type[Any] | None


WORDS = {"min_df": 2, "max_features": 20_000}
VECTORS = {"sequence_length": 200, "vector_size": 100, "pooling": "mean"}
RECIPES = (
    Recipe("words, linear SVM", "TfidfAdapter", WORDS, "scikit_model_linear_svm", LinearSVC),
    Recipe("words, logistic regression", "TfidfAdapter", WORDS, "scikit_model_logistic_regression", LogisticRegression),
    Recipe(
        "words and pairs, sublinear, linear SVM",
        "TfidfAdapter",
        WORDS | {"ngram_range": [1, 2], "sublinear_tf": True},
        "scikit_model_linear_svm",
        LinearSVC,
    ),
    Recipe(
        "characters 2 to 4, SGD",
        "TfidfAdapter",
        WORDS | {"analyzer": "char_wb", "ngram_range": [2, 4]},
        "scikit_model_sgd",
        SGDClassifier,
    ),
    Recipe(
        "mean of word vectors, logistic regression",
        "Word2VecAdapter",
        VECTORS,
        "scikit_model_logistic_regression",
        None,
    ),
)


def train(recipe: Recipe, texts: list[str], classes: list[str]) -> AdaptedModel:
    """Return a recipe trained, written and read."""
    adapter = adapters[recipe.adapter](**recipe.adapter_options)
    trained = fit(adapter, models[recipe.model](), ExampleSet(texts, classes, [], []))
    return AdaptedModel.from_document(trained.to_document("binary"))


def make_peer(recipe: Recipe, trained: AdaptedModel) -> Classify | None:
    """Return the predict function of a scikit-learn pipeline with a trained recipe's numbers; None without one."""
    if recipe.estimator is None:
        return None
    terms, weights = trained.adapter.get_learnt(), trained.model.get_learnt()
    options = trained.adapter.options
    vectorizer = TfidfVectorizer(
        vocabulary=terms["words"],
        analyzer=options.analyzer,
        ngram_range=tuple(options.ngram_range),
        sublinear_tf=options.sublinear_tf,
    )
    vectorizer.idf_ = terms["idf"]
    estimator = recipe.estimator()
    estimator.classes_ = np.array(trained.model.classes)
    estimator.coef_, estimator.intercept_ = weights["coef"].astype(np.float64), weights["intercept"].astype(np.float64)
    estimator.n_features_in_ = trained.adapter.width
    predict: Classify = Pipeline([("vectorizer", vectorizer), ("estimator", estimator)]).predict
    return predict


def measure(ways: dict[str, Classify], texts: list[str], singles: int) -> dict[str, dict[str, float]]:
    """Return texts per second of core time for each way, in one call and one by one."""
    taken: dict[str, dict[str, list[float]]] = {name: {"batch": [], "single": []} for name in ways}
    for _ in range(ROUNDS):
        for name, classify in ways.items():
            started = time.process_time()
            classify(texts)
            between = time.process_time()
            for text in texts[:singles]:
                classify([text])
            taken[name]["batch"].append(len(texts) / (between - started))
            taken[name]["single"].append(singles / (time.process_time() - between))
    return {name: {kind: median(rates) for kind, rates in found.items()} for name, found in taken.items()}


def compare(recipe: Recipe, texts: list[str], classes: list[str], most: int, singles: int) -> dict[str, Any]:
    """Return a row of the table."""
    print(f"training {recipe.name}", file=sys.stderr)
    trained = train(recipe, texts, classes)
    ways: dict[str, Classify] = {"pipeline": trained.classify}
    peer = make_peer(recipe, trained)
    if peer is not None:
        ways["scikit-learn"] = peer
    asked = [*islice(cycle(texts), most)]
    row: dict[str, Any] = {
        "recipe": recipe.name,
        "texts_per_second": measure(ways, asked, singles),
        "same_answers": None,
    }
    if peer is not None:
        answers = zip(trained.classify(texts), peer(texts), strict=True)
        row["same_answers"] = sum(ours == theirs for ours, theirs in answers) / len(texts)
    return row


def format_row(row: dict[str, Any]) -> str:
    """Return a line of the table; a ratio below its target is bold."""
    ours, theirs = row["texts_per_second"]["pipeline"], row["texts_per_second"].get("scikit-learn")
    cells = [row["recipe"]]
    for kind, aim in (("batch", 0.9), ("single", 0.0)):
        ratio = ours[kind] / theirs[kind] if theirs else None
        told = "–" if ratio is None else f"{ratio:.2f}" if ratio >= aim else f"**{ratio:.2f}**"
        cells += [f"{ours[kind]:,.0f}", f"{theirs[kind]:,.0f}" if theirs else "–", told]
    cells.append("–" if row["same_answers"] is None else f"{row['same_answers']:.1%}")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure every recipe and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path, nargs="?", help="gzip CSV with the columns text and label")
    parser.add_argument("--train", type=int, default=3_000, help="how many of the examples train")
    parser.add_argument("--texts", type=int, default=10_000, help="how many texts are classified in one call")
    parser.add_argument("--singles", type=int, default=300, help="how many of them are classified one by one")
    parser.add_argument("--alone", action="store_true", help="measure single texts of the quickstart's examples")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    if chosen.alone:
        with threadpool_limits(1):
            alone, every = compare_alone(), time_every_class()
        if chosen.json:
            print(json.dumps({"machine": describe_machine(), "alone": alone, "classes": every}, indent=2))
            return
        print(f"{format_machine()}\n")
        print_alone(alone, every)
        return
    with threadpool_limits(1):
        texts, classes = read_examples(chosen.examples, chosen.train)
        rows = [compare(recipe, texts, classes, chosen.texts, chosen.singles) for recipe in RECIPES]
    if chosen.json:
        print(json.dumps({"machine": describe_machine(), "recipes": rows}, indent=2))
        return
    print(f"{format_machine()}\n{chosen.texts:,} texts in one call, {chosen.singles} one by one, median of {ROUNDS}\n")
    print(
        "| recipe | texts a second, batch | scikit-learn | ratio | one by one | scikit-learn | ratio | same answers |"
    )
    print(f"| --- |{' --: |' * 7}")
    for row in rows:
        print(format_row(row))


if __name__ == "__main__":
    main()
