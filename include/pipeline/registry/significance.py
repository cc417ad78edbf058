"""Whether two models differ significantly, by their answers to the same examples."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.examples.answers import CODE_BYTES
from pipeline.stores.models.leaderboard import Answers

LEVEL: Final = 0.05
"""A smaller p-value is a difference; otherwise the two models are a tie."""

_FEW: Final = 100
"""Up to this many differing examples, signs are drawn; with more, their sum is normally distributed."""
_DRAWS: Final = 50_000
_LEAST: Final = 1e-300

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


def swap_p_value(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return the two-sided p-value of a randomisation test: how likely equal models would differ this much.

    If two models are equally good, each example's answers could as well be swapped. The test asks how often the scores
    would then differ as much as they do. For accuracy, it is McNemar's test.

    Args:
        first: shape (examples,); what each answer of the first model adds to its score.
        second: shape (examples,); the same of the second model, in the same order.

    Source: R. A. Fisher, "The Design of Experiments" (1935), section 21.
    """
    from scipy.special import ndtr

    differences = first.astype(float) - second
    differences = differences[differences != 0]
    observed, spread = abs(float(differences.sum())), float(np.sqrt((differences**2).sum()))
    if not spread:
        return 1.0
    if len(differences) > _FEW:
        return 2 * float(ndtr(-observed / spread))
    signs = np.random.default_rng(0).integers(0, 2, (_DRAWS, len(differences)), np.int8) * 2 - 1
    reached = np.abs(signs @ differences) >= observed * (1 - 1e-6)  # shares of equal weight may differ in the last bits
    return float((reached.sum() + 1) / (_DRAWS + 1))


def adjust(p_value: float, models: int) -> float:
    """Return the p-value of a model against the best of several, which was found by comparing them all.

    If all of them are equally good, the best and the worst still differ, and the more so the more there are. This is
    the probability that the largest difference among so many equal models has a p-value as small.

    Args:
        p_value: of the paired test of the two models.
        models: how many models were compared, including both; two need no adjustment.

    Source: J. W. Tukey, "The problem of multiple comparisons" (1953): the distribution of the range of so many normal
    variables.
    """
    from scipy.special import ndtri
    from scipy.stats import studentized_range

    if models <= 2 or p_value >= 1:
        return p_value
    extent = -np.sqrt(2) * ndtri(max(p_value, _LEAST) / 2)
    return max(p_value, float(studentized_range.sf(extent, models, np.inf)))


def find_p_values(
    pairs: dict[int, int], answers: dict[int, Answers], truths: dict[bytes, bytes], metric: str
) -> dict[int, float]:
    """Return the p-value of each model against another; those whose answers do not tell it are left out.

    Args:
        pairs: the other model's id by each model's id.
        answers: by model id.
        truths: codes of the right answers, by the digest of the examples.
        metric: what models are ranked by, as plans write it.
    """
    shares = {model: found for model, each in answers.items() if (found := _read(each, truths, metric)) is not None}
    test: Any = paired_p_value if metric == "accuracy" else swap_p_value
    return {model: test(shares[model], shares[best]) for model, best in pairs.items() if {model, best} <= shares.keys()}


def _read(answers: Answers, truths: dict[bytes, bytes], metric: str) -> NDArray[Any] | None:
    """Return what each answer adds to the metric: whether it is right, if that is accuracy; None if unknown."""
    if metric == "accuracy":
        right: NDArray[Any] = read_codes(answers.codes) == read_codes(truths[answers.examples])
        return right
    return np.frombuffer(answers.shares, "<f4") if answers.shares is not None and answers.metric == metric else None
