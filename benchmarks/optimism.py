"""How much choosing the best of many models on the testing set flatters its score.

In each round a few examples are drawn and split at random into a training and a testing set; nobody chooses on the
others. Every recipe is trained. Once the testing set chooses the best, once a cross-validation of the training set.
Both report the winner's score on the testing set. What it is worth is its score on the examples that nobody chose on.

    .venv/bin/python benchmarks/optimism.py FILE …
"""

import argparse
import logging
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import structlog
from peers.prepare import MemorySource

from pipeline.adapters.base import Adapter
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.datasets.folds import fold_at_random
from pipeline.datasets.splitting import draw, split_at_random
from pipeline.datetimes import parse_datetime
from pipeline.examples.example import ExampleSet, Selection
from pipeline.models.base import Model
from pipeline.models.scikit_model_complement_naive_bayes import ScikitModelComplementNaiveBayes
from pipeline.models.scikit_model_linear_svm import ScikitModelLinearSvm
from pipeline.models.scikit_model_logistic_regression import ScikitModelLogisticRegression
from pipeline.training.prepare import Preparation
from pipeline.training.scores import share_right
from pipeline.training.train import fit_model, prepare

EVERYTHING = Selection("default", parse_datetime("1900-1-1"), parse_datetime("2100-1-1"))
FOLDS = 5


@dataclass(frozen=True)
class Round:
    """The winner of one round: the score that is reported, and what it is worth, by who chose it."""

    reported_by_test: float
    worth_by_test: float
    reported_by_folds: float
    worth_by_folds: float


def list_adapters() -> Iterator[Adapter]:
    """Yield 8 adapters, made anew."""
    for min_df, sublinear_tf, ngram_range in product([1, 2], [True, False], [[1, 1], [1, 2]]):
        yield TfidfAdapter(min_df=min_df, sublinear_tf=sublinear_tf, ngram_range=ngram_range)


def list_models() -> Iterator[Model]:
    """Yield 6 models, made anew: with 8 adapters, they are 48 recipes."""
    for weight in (0.1, 1, 10):
        yield ScikitModelLinearSvm(C=weight)
    for weight in (1, 10):
        yield ScikitModelLogisticRegression(C=weight)
    yield ScikitModelComplementNaiveBayes()


def train_all(training: ExampleSet, *asked: ExampleSet) -> list[list[float]]:
    """Train every recipe; return its accuracy on each of some other sets."""
    accuracies = []
    for adapter in list_adapters():
        texts = [each.texts for each in (training, *asked)]
        learnt, *features = prepare(adapter, Preparation(training.texts), texts)
        for model in list_models():
            trained = fit_model(adapter, model, learnt, training.classifications, seed=0)
            answers = [trained.answer_adapted(each, probabilities=False)[0] for each in features]
            truths = [each.classifications for each in asked]
            accuracies.append([share_right(*pair) for pair in zip(truths, answers, strict=True)])
    return accuracies


def play(examples: ExampleSet, size: int, fresh: int, seed: int) -> Round:
    """Draw `size` examples and `fresh` others, train every recipe, and choose a winner in both ways."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))  # of weak recipes
    drawn = np.random.default_rng(seed).permutation(len(examples))
    sample, others = (examples.take(sorted(rows.tolist())) for rows in (drawn[:size], drawn[size : size + fresh]))
    training, testing = split_at_random(sample, 0.75, seed)
    tested, worth = zip(*train_all(training, testing, others), strict=True)
    folds = fold_at_random(training.classifications, [draw(text, seed) for text in training.texts], FOLDS)
    pairs = [(training.take(trains.tolist()), training.take(asked.tolist())) for trains, asked in folds]
    validated = np.mean([train_all(*pair) for pair in pairs], axis=0)
    by_test, by_folds = int(np.argmax(tested)), int(np.argmax(validated))
    return Round(tested[by_test], worth[by_test], tested[by_folds], worth[by_folds])


def describe(values: list[float]) -> str:
    """Return a mean in points, with the half-width of its 95 % interval."""
    return f"{100 * fmean(values):+.1f} ± {196 * stdev(values) / len(values) ** 0.5:.1f}"


def main() -> None:
    """Print how many points of accuracy more are reported than the winner is worth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", help="CSV files of examples")
    parser.add_argument("--rounds", type=int, default=40, help="how often to draw")
    parser.add_argument("--size", type=int, default=240, help="how many examples to draw, of which a quarter tests")
    parser.add_argument("--fresh", type=int, default=1_000, help="how many others show what a winner is worth")
    given = parser.parse_args()
    print(f"{'examples':24}{'testing set chooses':>22}{'folds choose':>22}{'worth more by folds':>22}")
    for path in given.files:
        examples = MemorySource(path).fetch(EVERYTHING)
        with ProcessPoolExecutor() as workers:
            found = [*workers.map(partial(play, examples, given.size, given.fresh), range(given.rounds))]
        by_test = [each.reported_by_test - each.worth_by_test for each in found]
        by_folds = [each.reported_by_folds - each.worth_by_folds for each in found]
        gained = [each.worth_by_folds - each.worth_by_test for each in found]
        print(f"{path.name:24}{describe(by_test):>22}{describe(by_folds):>22}{describe(gained):>22}", flush=True)


if __name__ == "__main__":
    main()
