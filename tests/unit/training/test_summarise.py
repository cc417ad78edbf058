"""The scores of several folds together."""

import pytest

from pipeline.training.scores import score
from pipeline.training.validate import summarise

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
