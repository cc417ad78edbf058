"""The baseline that always answers the most frequent class."""

import numpy as np
import pytest

from pipeline.components.features import make_sparse
from pipeline.errors import DocumentError, OptionError
from pipeline.models.scikit_model_majority import ScikitModelMajority

ROWS = np.eye(6, dtype=np.float32)


@pytest.mark.parametrize(
    ("truths", "answer"),
    [("aabbbb", "b"), ("bbabba", "b"), ("ababab", "a"), ("ccbbaa", "a"), ("abbcca", "a"), ("abcccb", "c")],
)
def test_it_answers_the_most_frequent_class_and_of_several_the_first(truths: str, answer: str) -> None:
    model = ScikitModelMajority().fit(ROWS, list(truths))

    loaded = ScikitModelMajority.from_dict(model.to_dict())

    assert loaded.predict(ROWS[:2]) == loaded.predict(make_sparse(ROWS[:2])) == [answer, answer]


def test_each_class_is_as_likely_as_it_is_frequent() -> None:
    loaded = ScikitModelMajority.from_dict(ScikitModelMajority().fit(ROWS, list("aabccc")).to_dict())

    assert loaded.probabilities(ROWS[:2]).tolist() == [[2 / 6, 1 / 6, 3 / 6]] * 2


@pytest.mark.parametrize("shares", [[0.5, 0.4], [1.0, 0.0], [1.0, 1.0], [0.5, 0.25, 0.25]], ids=str)
def test_shares_that_are_none_are_refused(shares: list[float]) -> None:
    document = ScikitModelMajority().fit(ROWS, list("aabbbb")).to_dict()

    with pytest.raises(DocumentError, match=r"model\.learnt\.shares"):
        ScikitModelMajority.from_dict(document | {"learnt": document["learnt"] | {"shares": np.array(shares)}})


def test_it_has_no_options() -> None:
    with pytest.raises(OptionError, match="strategy"):
        ScikitModelMajority(strategy="uniform")
