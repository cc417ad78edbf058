"""What each answer adds to a metric."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from pipeline.plans.metric import Metric, parse_metric
from pipeline.training.losses import list_losses, list_shares
from pipeline.training.scores import score

NAMES = st.sampled_from("abc")
METRICS = [parse_metric(each) for each in ("accuracy", "macro_f1", "balanced_accuracy", "f1:a", "recall:a")]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
@given(pairs=st.lists(st.tuples(NAMES, NAMES), min_size=1))
def test_shares_add_up_to_the_score(metric: Metric, pairs: list[tuple[str, str]]) -> None:
    pairs = [("a", "b"), *pairs]
    truths, answers = [truth for truth, _ in pairs], [answer for _, answer in pairs]
    scores = score(["a", "b", "c"], truths, answers)
    expected = scores.to_dict()
    for key in metric.path:
        expected = expected[key]

    shares = list_shares(metric, scores, truths, answers, None)

    assert shares.sum() == pytest.approx(expected, abs=1e-12)
    assert shares.shape == (len(pairs),)


def test_a_better_answer_adds_more_to_an_f1() -> None:
    truths, answers = ["a", "a", "b", "b", "c"], ["a", "b", "b", "a", "c"]
    scores = score(truths, truths, answers)

    shares = list_shares(parse_metric("macro_f1"), scores, truths, answers, None)

    assert min(shares[0], shares[2], shares[4]) > max(shares[1], shares[3])


def test_losses_are_those_of_scikit_learn() -> None:
    draw = np.random.default_rng(0)
    probabilities = draw.dirichlet(np.ones(3), 50)
    probabilities[0] = [1, 0, 0]
    truths = [*"b", *draw.choice([*"abc"], 49)]

    losses = list_losses(truths, [*"abc"], probabilities)

    assert losses.mean() == pytest.approx(log_loss(truths, probabilities, labels=[*"abc"]), rel=1e-12)


def test_a_class_that_the_model_does_not_know_has_no_probability() -> None:
    losses = list_losses(["a", "new"], ["a", "b"], np.array([[0.5, 0.5], [0.9, 0.1]]))

    assert losses[0] == pytest.approx(np.log(2))
    assert losses[1] == pytest.approx(-np.log(np.finfo(float).eps))


def test_a_lower_loss_adds_more_to_log_loss_turned_round() -> None:
    losses = np.array([0.1, 2.0])
    scores = score(["a", "b"], ["a", "b"], ["a", "a"], 1.05)

    shares = list_shares(parse_metric("log_loss"), scores, ["a", "b"], ["a", "a"], losses)

    assert shares.tolist() == [-0.05, -1.0]


@pytest.mark.parametrize("written", ["f1:rare", "recall:rare"])
def test_no_answer_adds_to_a_class_that_no_example_has(written: str) -> None:
    scores = score(["a", "b"], ["a", "b"], ["a", "a"])

    assert list_shares(parse_metric(written), scores, ["a", "b"], ["a", "a"], None).tolist() == [0, 0]
