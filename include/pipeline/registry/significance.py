"""Whether two models differ significantly, by their answers to the same testing examples."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.examples.answers import CODE_BYTES

LEVEL = 0.05
"""A smaller p-value is a difference; otherwise the two models are a tie."""

Codes = NDArray[np.uint32]


def read_codes(data: bytes) -> Codes:
    """Return the codes of sealed answers, shape (examples,)."""
    return np.frombuffer(data, f"<u{CODE_BYTES}")


def paired_p_value(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Return the two-sided p-value of the exact McNemar test: how likely equal models would differ this much.

    Args:
        first: shape (examples,); whether the first model is right.
        second: shape (examples,); whether the second is, in the same order.

    Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12 (1947), 153-157; exact, by the binomial distribution of the examples that only one model has right.
    """
    from scipy.special import bdtr

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    differing = only_first + only_second
    return min(1.0, 2 * float(bdtr(min(only_first, only_second), differing, 0.5))) if differing else 1.0


def find_ties(
    pairs: dict[int, int], answers: dict[int, tuple[bytes, bytes]], truths: dict[bytes, bytes]
) -> dict[int, float]:
    """Return the p-value of each model against the best of its testing set; models without stored answers are left out.

    Args:
        pairs: the best model's id by each model's id.
        answers: testing set and sealed answers by model id.
        truths: codes of the right answers by testing set.
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
