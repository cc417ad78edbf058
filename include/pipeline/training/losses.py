"""How much each answer adds to a metric, which is what a paired test of two models compares."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.plans.metric import Metric
from pipeline.training.scores import Scores

_LEAST = float(np.finfo(np.float64).eps)
"""A probability below this counts as this: the loss of a class that was thought impossible would be infinite."""


def list_losses(
    truths: Sequence[str], classes: Sequence[str], probabilities: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the negative logarithm of the probability of each right class, shape (examples,).

    Args:
        truths: the right classes.
        classes: the model's classes; any other class has the probability 0.
        probabilities: shape (examples, classes).
    """
    places = {name: place for place, name in enumerate(classes)}
    columns = np.array([places.get(name, -1) for name in truths])
    found = probabilities[np.arange(len(columns)), columns]
    losses: NDArray[np.float64] = -np.log(np.maximum(np.where(columns < 0, 0, found), _LEAST))
    return losses


def list_shares(
    metric: Metric, scores: Scores, truths: Sequence[str], answers: Sequence[str], losses: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Return what each answer adds to a metric, shape (examples,); higher is better, and they add up to the score.

    Of an F1, which is no sum, it is what a change of the answer would change, to the first order. If no example is of
    the metric's class, no answer adds anything.

    Args:
        metric: the metric.
        scores: of these answers.
        truths: the right classes.
        answers: the model's answers.
        losses: see `list_losses`; needed for log loss only.
    """
    if losses is not None:
        return -losses / len(truths)
    if metric.class_name is not None and metric.class_name not in truths:
        return np.zeros(len(truths))
    right = np.array([truth == answer for truth, answer in zip(truths, answers, strict=True)])
    if metric.kind in ("f1", "macro_f1"):
        return _list_f1_shares(metric, scores, truths, answers, right)
    return right / _list_sizes(metric, scores, truths)


def _list_sizes(metric: Metric, scores: Scores, truths: Sequence[str]) -> NDArray[np.float64]:
    """Return among how many examples a right answer is shared out, shape (examples,); infinite if it adds nothing."""
    supports = {name: each.support for name, each in scores.per_class.items() if each.support}
    sizes = dict.fromkeys(supports, float(len(truths)))
    if metric.kind == "balanced_accuracy":
        sizes = {name: float(support * len(supports)) for name, support in supports.items()}
    elif metric.kind == "recall":
        sizes = dict.fromkeys(supports, np.inf) | {str(metric.class_name): float(supports[str(metric.class_name)])}
    return np.array([sizes[name] for name in truths])


def _list_f1_shares(
    metric: Metric, scores: Scores, truths: Sequence[str], answers: Sequence[str], right: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return what each answer adds to an F1, 2 · right / (truths + answers), or to the mean of several."""
    answered: dict[str, int] = {}
    for name in answers:
        answered[name] = answered.get(name, 0) + 1
    sizes = {name: each.support + answered.get(name, 0) for name, each in scores.per_class.items()}
    wanted = [metric.class_name] if metric.class_name else [name for name, size in sizes.items() if size]
    each: dict[Any, float] = {name: 1 / (sizes[name] * len(wanted)) for name in wanted if sizes[name]}
    f1 = {name: scores.per_class[name].f1 for name in each}
    whole = sum(f1.values()) / len(wanted) / len(truths)

    def weigh(name: str) -> tuple[float, float]:
        weight = each.get(name, 0.0)
        return 2 * weight, f1.get(name, 0.0) * weight

    of_truths = np.array([weigh(name) for name in truths])
    of_answers = np.array([weigh(name) for name in answers])
    shares: NDArray[np.float64] = whole + right * of_truths[:, 0] - of_truths[:, 1] - of_answers[:, 1]
    return shares
