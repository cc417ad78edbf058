"""The scores of several folds together."""

from typing import Any

import numpy as np
import pytest

from pipeline.datasets.folds import Folds, Rows
from pipeline.plans.metric import parse_metric
from pipeline.training.kinds import TrainingData, make_corpus
from pipeline.training.scores import score
from pipeline.training.validate import cross_validate, summarise

ONE = score(["a", "b"], ["a", "a", "b", "b"], ["a", "a", "b", "a"], 0.5)
OTHER = score(["a", "b"], ["a", "a"], ["a", "b"], 1.5)


def test_folds_have_a_mean_and_a_deviation() -> None:
    found = summarise([ONE, OTHER])

    assert found["count"] == 6
    assert found["mean"]["accuracy"] == pytest.approx((0.75 + 0.5) / 2)
    assert found["deviation"]["accuracy"] == pytest.approx(0.125)
    assert found["mean"]["log_loss"] == 1
    assert [each["accuracy"] for each in found["folds"]] == [0.75, 0.5]


def test_a_class_counts_in_the_folds_that_have_it() -> None:
    of_class = summarise([ONE, OTHER])["mean"]["per_class"]

    assert of_class["a"]["recall"] == pytest.approx((1 + 0.5) / 2)
    assert of_class["b"]["recall"] == 0.5


def test_one_set_has_no_deviation() -> None:
    found = summarise([ONE])

    assert found.keys() == {"count", "mean"}
    assert found["mean"]["macro_f1"] == ONE.macro_f1


class Oracle:
    """A model that knows every answer but the first of each fold."""

    def __init__(self, truths: list[str]) -> None:
        self.answers = ["wrong", *truths[1:]]

    def answer_adapted(self, features: Any, *, probabilities: bool) -> tuple[list[str], None]:  # noqa: ARG002
        return self.answers, None


@pytest.mark.parametrize("written", ["recall:b", "balanced_accuracy", "f1:b"])
def test_what_each_answer_adds_adds_up_to_the_mean_though_a_fold_lacks_a_class(written: str) -> None:
    classes = ["a", "b", "a", "a", "b", "b"]
    folds = Folds(np.array([-1, -1, 0, 0, 1, 1], np.int8), 2, by_time=True)
    texts = make_corpus(6, lambda: [""] * 6)
    data = TrainingData(classes, [bytes(16)] * 6, texts, (6, 0, 0), folds, {})

    metric = parse_metric(written)

    def train_fold(_: Rows, asked: Rows) -> Any:
        return Oracle([classes[row] for row in asked]), None

    found = cross_validate(data, folds, train_fold, metric)

    mean = summarise(found.scores)["mean"]
    for name in metric.path:
        mean = mean[name]
    assert found.shares is not None
    assert found.shares.sum() == pytest.approx(mean)
