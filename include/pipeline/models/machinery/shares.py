"""Turns scores into probabilities, bit by bit as the estimators of scikit-learn do.

Scores have the shape (n, classes), or for two classes (n, 1): the second class's. Shares have the shape (n, classes).
None of the functions changes its argument.
"""

from __future__ import annotations

from typing import Any

from pipeline.lazy import NDArray, np


def share_by_sigmoid(scores: NDArray[Any]) -> NDArray[Any]:
    """Return a sigmoid of each class's score, scaled to add up to 1: one class against the rest."""
    from scipy.special import expit

    return _scale(np.asarray(expit(scores)))


def share_by_clipping(scores: NDArray[Any]) -> NDArray[Any]:
    """Return each class's score from -1 to 1 as a number from 0 to 1, scaled to add up to 1: modified Huber's loss."""
    # of two classes scikit-learn computes in float64, of more in the scores' own type
    clipped = np.clip(scores, -1, 1, dtype=np.float64 if scores.shape[1] == 1 else scores.dtype)
    return _scale((clipped + 1) / 2)


def share_by_softmax(scores: NDArray[Any]) -> NDArray[Any]:
    """Return the exponential of each class's score, scaled to add up to 1; of two classes the second's sigmoid."""
    if scores.shape[1] == 1:
        return share_by_sigmoid(scores)
    found = np.exp(scores - scores.max(axis=1, keepdims=True))
    found /= found.sum(axis=1, keepdims=True)
    return np.asarray(found)


def share_logarithms(logarithms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shares from their logarithms, shape (n, classes), that lack the same summand in each row."""
    highest = logarithms.max(axis=1, keepdims=True)
    is_highest = logarithms == highest
    count = is_highest.sum(axis=1, keepdims=True, dtype=np.float64)
    # the highest are left out of the sum, which loses fewer digits then
    others = np.where(is_highest, -np.inf, logarithms) - np.where(np.isfinite(highest), highest, 0)
    total = np.exp(others).sum(axis=1, keepdims=True)
    total = np.where(total == 0, total, total / count)
    return np.asarray(np.exp(logarithms - (np.log1p(total) + np.log(count) + highest)))


def rate_shares(shares: NDArray[Any]) -> NDArray[Any]:
    """Return shares in the shape of scores."""
    return shares[:, 1:] if shares.shape[1] == 2 else shares


def _scale(shares: NDArray[Any]) -> NDArray[Any]:
    if shares.shape[1] == 1:
        return np.hstack([1 - shares, shares])
    totals = shares.sum(axis=1)
    if not totals.all():  # all classes have none: they are equally likely
        shares[totals == 0] = 1
        totals[totals == 0] = shares.shape[1]
    shares /= totals[:, np.newaxis]
    return shares
