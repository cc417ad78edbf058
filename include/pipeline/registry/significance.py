"""Whether two models differ, from what each answered to the same testing examples."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.examples.answers import CODE_BYTES

LEVEL = 0.05
"""A smaller p-value is a difference; above it the two models are a tie."""

Codes = NDArray[np.uint32]


def read_codes(data: bytes) -> Codes:
    """Return the codes of sealed answers, shape (examples,)."""
    return np.frombuffer(data, f"<u{CODE_BYTES}")


def paired_p_value(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Return the two-sided p-value of the exact McNemar test: how likely so unequal answers are of equal models.

    Args:
        first: for each testing example, whether one model is right.
        second: whether the other is, in the same order.

    Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12 (1947), 153-157; exact, by the binomial distribution of what one model alone has right.
    """
    from scipy.special import bdtr

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    differing = only_first + only_second
    return min(1.0, 2 * float(bdtr(min(only_first, only_second), differing, 0.5))) if differing else 1.0


def find_ties(
    pairs: dict[int, int], answers: dict[int, tuple[bytes, bytes]], truths: dict[bytes, bytes]
) -> dict[int, float]:
    """Return the p-value of each model against the best on its testing set, for those that have stored answers.

    Args:
        pairs: the id of the best model by the id of each.
        answers: the testing set and the sealed answers of models by their ids.
        truths: the codes of what is right by testing set.
    """
    right: dict[int, Any] = {
        model_id: read_codes(codes) == read_codes(truths[testing_set])
        for model_id, (testing_set, codes) in answers.items()
    }
    return {
        model_id: paired_p_value(right[model_id], right[best])
        for model_id, best in pairs.items()
        if model_id in right and best in right
    }
