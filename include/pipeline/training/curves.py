"""Curves of a model's probabilities on its testing set: whether they can be trusted, and what a threshold gives."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

BINS: Final = 10
"""How many groups of equally wide confidence the reliability curve has."""

MOST_CLASSES: Final = 50
"""Of more classes, the most frequent ones of the testing set have a precision-recall curve."""

_POINTS = 33  # of a precision-recall curve: more would not be seen


def describe_curves(
    truths: Sequence[str], answers: Sequence[str], classes: Sequence[str], probabilities: NDArray[np.float64]
) -> dict[str, Any]:
    """Return the reliability and the precision-recall curves, as JSON values.

    Reliability compares the probability of the given answer with how often such answers are right, in `BINS` groups of
    equal width; the expected calibration error is their mean distance. Source: M. P. Naeini, G. F. Cooper and
    M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015, 2901-2907.

    A precision-recall curve takes one class against all others. Its points, `[recall, precision, threshold]`, are at
    about equal distances of recall.

    Args:
        truths: the right classes of the testing examples.
        answers: the classes that the model gave.
        classes: the model's classes.
        probabilities: shape (examples, classes).
    """
    places = {name: place for place, name in enumerate(classes)}
    right = np.array([truth == answer for truth, answer in zip(truths, answers, strict=True)])
    given = probabilities[np.arange(len(answers)), [places[name] for name in answers]]
    numbers = np.array([places.get(name, -1) for name in truths])
    frequent = [name for name, _ in Counter(truths).most_common() if name in places][:MOST_CLASSES]
    return _describe_reliability(right, given) | {
        "precision_recall": {
            name: _describe_class(numbers == places[name], probabilities[:, places[name]]) for name in sorted(frequent)
        }
    }


def _describe_reliability(right: NDArray[np.bool_], given: NDArray[np.float64]) -> dict[str, Any]:
    bins = np.minimum((given * BINS).astype(int), BINS - 1)
    counts, confidence, accuracy = (np.bincount(bins, weights, BINS) for weights in (None, given, right))
    filled = counts > 0
    distance = float(np.abs(confidence - accuracy).sum() / len(given))
    rows = [
        {"count": int(count), "confidence": round(float(told / count), 4), "accuracy": round(float(true / count), 4)}
        for count, told, true in zip(counts[filled], confidence[filled], accuracy[filled], strict=True)
    ]
    return {"reliability": rows, "calibration_error": round(distance, 4)}


def _describe_class(is_class: NDArray[np.bool_], probability: NDArray[np.float64]) -> dict[str, Any]:
    from sklearn.metrics import precision_recall_curve

    precision, recall, thresholds = precision_recall_curve(is_class, probability)
    average = float(-np.sum(np.diff(recall) * precision[:-1]))
    # recall falls along the curve, whose last point has no threshold
    rising = recall[-2::-1]
    chosen = np.minimum(np.searchsorted(rising, np.linspace(0, 1, _POINTS)), len(rising) - 1)
    points = [
        [round(float(value), 4) for value in (recall[-2 - each], precision[-2 - each], thresholds[-1 - each])]
        for each in np.unique(chosen).tolist()
    ]
    return {"average_precision": round(average, 4), "points": points}
