"""One text by itself in this process, as a service is asked: the part `--alone` of `benchmarks/classify.py`.

The texts are those of the quickstart's examples: whole posts, their paragraphs, and lines. Both sides are trained on
the posts and know as many terms. They take turns, each with all texts of a kind; the median of the CPU times counts.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from corpus import make_options
from pipeline.adapters import adapters
from pipeline.examples.example import ExampleSet
from pipeline.loading.demo import find_corpus, read_posts
from pipeline.models import models
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.train import fit

TERMS = 10_000
ROUNDS = 3
TEXTS = 200
WORDS_OF_KIND = {"line": (5, 20), "paragraph": (21, 150), "post": (151, 2_000)}
VECTORS = {"sequence_length": 200, "pooling": "mean"}
Ask = Callable[[list[str]], Any]


def cut_texts(posts: Sequence[str]) -> dict[str, list[str]]:
    """Return some lines, paragraphs and whole posts."""
    parts = {
        "line": [line for post in posts for line in post.splitlines()],
        "paragraph": [part for post in posts for part in post.split("\n\n")],
        "post": posts,
    }
    found = {}
    for kind, (fewest, most) in WORDS_OF_KIND.items():
        fitting = [text for text in parts[kind] if fewest <= len(text.split()) <= most]
        found[kind] = fitting[:: max(1, len(fitting) // TEXTS)][:TEXTS]
    return found


def time_in_turn(ways: dict[str, Ask], texts: Sequence[str]) -> dict[str, float]:
    """Return the median of the microseconds that each way takes for a text."""
    taken: dict[str, list[int]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, ask in ways.items():
            for text in texts:
                started = time.process_time_ns()
                ask([text])
                taken[name].append(time.process_time_ns() - started)
    return {name: median(times) / 1_000 for name, times in taken.items()}


def read_demo() -> ExampleSet:
    """Return the quickstart's examples."""
    rows = [*read_posts(find_corpus())]
    return ExampleSet([row.text for row in rows], [row.classification for row in rows], [], [])


def train(examples: ExampleSet, adapter: str, adapter_options: dict[str, Any], model: str) -> AdaptedModel:
    """Return a recipe trained, written and read."""
    print(f"training {adapter} and {model}", file=sys.stderr)
    required = make_options(adapters[adapter])
    trained = fit(adapters[adapter](**required | adapter_options), models[model](), examples)
    return AdaptedModel.from_document(trained.to_document("binary"))


def compare_alone() -> list[dict[str, Any]]:
    """Return for each kind of text and recipe the microseconds of both sides."""
    examples = read_demo()
    rows: list[dict[str, Any]] = []
    for name, model, estimator in (
        ("linear SVM", "scikit_model_linear_svm", LinearSVC()),
        ("logistic regression", "scikit_model_logistic_regression", LogisticRegression(max_iter=1_000)),
    ):
        ours = train(examples, "TfidfAdapter", {"max_features": TERMS}, model)
        peer = Pipeline([("vectorizer", TfidfVectorizer(max_features=TERMS)), ("estimator", estimator)])
        peer.fit(examples.texts, examples.classifications)
        vectors = train(examples, "Word2VecAdapter", VECTORS, model)
        for kind, texts in cut_texts(examples.texts).items():
            found = time_in_turn({"ours": ours.classify, "peer": peer.predict}, texts)
            words = median(len(text.split()) for text in texts)
            rows.append({"recipe": f"TF-IDF, {name}", "text": kind, "words": words, **found})
            found = time_in_turn({"ours": vectors.classify}, texts)
            rows.append({"recipe": f"mean of word vectors, {name}", "text": kind, "words": words, **found})
    return rows


def time_every_class() -> list[dict[str, Any]]:
    """Return the microseconds for a paragraph of every adapter, and of every model, with both answers where it can."""
    examples = read_demo()
    texts = cut_texts(examples.texts)["paragraph"]
    pairs = [
        *((name, "scikit_model_logistic_regression") for name in adapters.classes),
        *(("TfidfAdapter", name) for name in models.classes),
        *(("Word2VecAdapter", name) for name, model in models.classes.items() if model.takes_negative),
    ]
    rows = []
    for adapter, model in pairs:
        adapted = train(examples, adapter, VECTORS if adapter == "Word2VecAdapter" else {}, model)
        ways: dict[str, Ask] = {
            "adapt": adapted.adapter.transform,
            "classify": adapted.classify,
            "answer": adapted.answer,
        }
        rows.append({"adapter": adapter, "model": model, **time_in_turn(ways, texts)})
    return rows


def print_alone(rows: list[dict[str, Any]], classes: list[dict[str, Any]]) -> None:
    """Print both tables."""
    print_head("recipe", "text", "words", "µs a text", "scikit-learn", "texts a second, ratio")
    for row in rows:
        peer, ratio = (f"{row['peer']:,.0f}", f"{row['peer'] / row['ours']:.1f}") if "peer" in row else ("–", "–")
        print(f"| {row['recipe']} | {row['text']} | {row['words']:.0f} | {row['ours']:,.0f} | {peer} | {ratio} |")
    print()
    print_head("adapter", "model", "µs to adapt a paragraph", "to classify it", "for both answers")
    for row in classes:
        figures = " | ".join(f"{row[name]:,.0f}" for name in ("adapt", "classify", "answer"))
        print(f"| {row['adapter']} | {row['model']} | {figures} |")


def print_head(*names: str) -> None:
    """Print the head of a table whose first two columns are texts."""
    print(f"| {' | '.join(names)} |\n| --- | --- |{' --: |' * (len(names) - 2)}")
