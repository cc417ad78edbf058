"""A multi-layer perceptron that stops early without losing a rare class."""

from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedShuffleSplit, train_test_split
from sklearn.neural_network import MLPClassifier


class Perceptron(MLPClassifier):  # type: ignore[misc]
    """scikit-learn's perceptron, which for early stopping sets examples aside; of three classes or more at random.

    So a class of few examples may be set aside as a whole, and is then never learnt, or not at all, and training ends
    before it is. Where a class would be missing on either side, the examples are drawn by class instead, as
    scikit-learn does it for two classes and other estimators do for any number; and where they cannot be drawn by
    class, training is refused as it is by those.
    """

    def _fit_stochastic(self, X: Any, y: NDArray[np.bool_], *others: Any) -> None:  # noqa: N803
        if self.early_stopping and y.shape[1] > 1:
            order = self._arrange(y)
            X, y = X[order], y[order]  # noqa: N806
        super()._fit_stochastic(X, y, *others)

    def _arrange(self, one_hot: NDArray[np.bool_]) -> Any:
        """Return an order of the examples, by which those come to stand where they are going to be drawn from.

        Raises:
            ValueError: a class with a single example, or fewer to set aside than there are classes.
        """
        rows, targets = np.arange(len(one_hot)), one_hot.argmax(axis=1)
        draw = {"test_size": self.validation_fraction, "random_state": deepcopy(self._random_state)}
        ((learnt, aside),) = StratifiedShuffleSplit(n_splits=1, **draw).split(rows, targets)
        drawn_learnt, drawn_aside = train_test_split(rows, test_size=self.validation_fraction,
                                                     random_state=deepcopy(self._random_state))  # fmt: skip
        if all(one_hot[part].any(axis=0).all() for part in (drawn_learnt, drawn_aside)):
            return slice(None)  # as scikit-learn has it
        order = np.empty_like(rows)
        order[drawn_learnt], order[drawn_aside] = learnt, aside
        return order
