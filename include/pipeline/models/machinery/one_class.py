"""Finds models that give every example the same class, and suggests what to change."""

from __future__ import annotations

from typing import Any

from pipeline.components.features import Features
from pipeline.lazy import NDArray, np
from pipeline.models.base import Model

_FIRST, _MOST = 64, 1_024  # rows

_REMEDIES = {
    "class_weight": "set class_weight to balanced",
    "C": "raise C",
    "alpha": "lower alpha",
    "n_neighbors": "lower n_neighbors",
    "l2_regularization": "lower l2_regularization",
    "ccp_alpha": "lower ccp_alpha",
    "shrink_threshold": "lower shrink_threshold",
}


def answers_one_class(model: Model, features: Features, targets: NDArray[np.int64]) -> bool:
    """Return whether a fitted model gives all of its training examples the same class.

    It stops as soon as two answers differ, so it begins with examples of different classes.

    Args:
        model: a fitted model.
        features: of the training examples, shape (n, width).
        targets: the number of each example's class, shape (n,).
    """
    order = _take_turns(targets)
    answers: set[str] = set()
    start, size = 0, _FIRST
    while start < len(order):
        answers.update(model.predict(features[order[start : start + size]]))
        if len(answers) > 1:
            return False
        start, size = start + size, min(2 * size, _MOST)
    return True


def _take_turns(targets: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the positions of examples: the first of each class, then the second of each, and so on."""
    by_class = np.argsort(targets, kind="stable")
    sizes = np.bincount(targets)
    turns = np.empty(len(targets), dtype=np.int64)
    turns[by_class] = np.arange(len(targets)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.argsort(turns, kind="stable")


def advise(options: Any) -> str:
    """Return which options to change, of those that a model has and that can be the cause."""
    given = options.model_dump()
    needless = {"class_weight": "balanced", "n_neighbors": 1}
    found = [
        remedy
        for name, remedy in _REMEDIES.items()
        if name in given and given[name] != needless.get(name) and (given[name] or name == "class_weight")
    ]
    return ", or ".join([*found, "use more examples of the other classes, or another adapter"])
