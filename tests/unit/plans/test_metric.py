"""The metric of a plan."""

import pytest

from factories import make_plan
from pipeline.plans import check_plan, expand
from pipeline.plans.metric import parse_metric


@pytest.mark.parametrize(
    ("written", "title", "path"),
    [
        ("accuracy", "accuracy", ["accuracy"]),
        ("macro_f1", "macro F1", ["macro_f1"]),
        ("balanced_accuracy", "balanced accuracy", ["balanced_accuracy"]),
        ("log_loss", "log loss", ["log_loss"]),
        ("f1:comp.os:x", "F1 of comp.os:x", ["per_class", "comp.os:x", "f1"]),
        ("recall:spam", "recall of spam", ["per_class", "spam", "recall"]),
    ],
)
def test_a_metric_is_read(written: str, title: str, path: list[str]) -> None:
    metric = parse_metric(written)

    assert (metric.name, metric.title, metric.path) == (written, title, path)
    assert metric.lower_is_better == (written == "log_loss")


def test_a_class_is_named_as_it_is_stored() -> None:
    assert parse_metric("recall: cafe\u0301 ").name == "recall:caf\u00e9"


@pytest.mark.parametrize("written", ["auc", "f1", "f1:", "recall:", "accuracy:spam", "", "Accuracy"])
def test_another_metric_is_refused_with_those_there_are(written: str) -> None:
    with pytest.raises(ValueError, match=r"is no metric; allowed are accuracy, .* f1:CLASS or recall:CLASS"):
        parse_metric(written)


def test_a_plan_with_a_wrong_metric_is_refused() -> None:
    (finding,) = check_plan(make_plan(metric="auc"))

    assert finding.path == "metric"
    assert "recall:CLASS" in str(finding)


def test_the_default_is_accuracy() -> None:
    assert expand(make_plan()).settings.metric == "accuracy"
