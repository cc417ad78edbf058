"""A multi-layer perceptron whose early stopping does not lose a rare class."""

from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedShuffleSplit, train_test_split
from sklearn.neural_network import MLPClassifier


class Perceptron(MLPClassifier):  # type: ignore[misc]
    """scikit-learn's perceptron, with a stratified draw of the examples that early stopping sets aside.

    With three or more classes, scikit-learn draws these examples at random. So all examples of a rare class may be set
    aside, and then the class is never learnt, or none may, and training may stop before it is. If a class would be
    missing on either side, the draw is stratified instead, as scikit-learn does it for two classes and other estimators
    for any number. If that is impossible, training is refused, as those estimators do.
    """

    def _fit_stochastic(self, X: Any, y: NDArray[np.bool_], *others: Any) -> None:  # noqa: N803
        if self.early_stopping and y.shape[1] > 1:
            order = self._arrange(y)
            X, y = X[order], y[order]  # noqa: N806
        super()._fit_stochastic(X, y, *others)

    def _arrange(self, one_hot: NDArray[np.bool_]) -> Any:
        """Return an order of the examples with which scikit-learn's random draw becomes stratified.

        Raises:
            ValueError: a class has a single example, or fewer examples are set aside than there are classes.
        """
        rows, targets = np.arange(len(one_hot)), one_hot.argmax(axis=1)
        draw = {"test_size": self.validation_fraction, "random_state": deepcopy(self._random_state)}
        ((learnt, aside),) = StratifiedShuffleSplit(n_splits=1, **draw).split(rows, targets)
        drawn_learnt, drawn_aside = train_test_split(rows, test_size=self.validation_fraction,
                                                     random_state=deepcopy(self._random_state))  # fmt: skip
        if all(one_hot[part].any(axis=0).all() for part in (drawn_learnt, drawn_aside)):
            return slice(None)  # its own draw has every class on both sides
        order = np.empty_like(rows)
        order[drawn_learnt], order[drawn_aside] = learnt, aside
        return order
