"""Score a definition on the examples that choose the best model, which are not those that it is tested on."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, pstdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.components.features import Features
from pipeline.datasets.folds import Folds, Rows
from pipeline.errors import TrainingError
from pipeline.examples.answers import SealedAnswers, seal_answers
from pipeline.log import get_logger
from pipeline.plans.metric import ACCURACY, Metric
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.curves import describe_curves
from pipeline.training.kinds import TrainingData
from pipeline.training.losses import list_losses, list_shares
from pipeline.training.scores import Scores, score

log = get_logger(__name__)

TrainFold = Callable[[Rows, Rows], tuple[AdaptedModel, Features]]
"""Trains on some examples of the training set, and returns the model with the features of some others."""

_SCORES = ("accuracy", "macro_f1", "balanced_accuracy", "log_loss")
_CLASS_SCORES = ("precision", "recall", "f1")


@dataclass(frozen=True)
class Answered:
    """The answers of one model, or of the models of all folds, and how good they are.

    Attributes:
        rows: which examples were answered, as places in the data.
        answers: the class that each was given.
        scores: of these answers, for each fold.
        shares: what each answer adds to the metric, shape (examples,); None if that is accuracy, to which each right
            answer adds the same.
        curves: see `describe_curves`; None if they are not wanted, or the model gives no probabilities.
    """

    rows: Sequence[int]
    answers: Sequence[str]
    scores: Sequence[Scores]
    shares: NDArray[np.float64] | None
    curves: dict[str, Any] | None = None

    def seal(self, data: TrainingData, digest_key: bytes) -> SealedAnswers:
        """Return the answers encrypted with the key ring's digest key."""
        digests = [data.digests[row] for row in self.rows]
        truths = [data.classes[row] for row in self.rows]
        return seal_answers(digest_key, digests, truths, self.answers, self.shares)


def answer(
    model: AdaptedModel,
    features: Features,
    data: TrainingData,
    training: Sequence[int],
    asked: Sequence[int],
    metric: Metric = ACCURACY,
    *,
    with_curves: bool = False,
) -> Answered:
    """Classify examples and score the answers.

    Args:
        model: the trained model.
        features: the adapter's features of the examples.
        data: all examples.
        training: the places of those on which the model was trained.
        asked: the places of those to classify.
        metric: what models are ranked by.
        with_curves: whether curves are drawn of its probabilities, if it gives any.
    """
    truths = [data.classes[row] for row in asked]
    with_curves = with_curves and model.model.gives_probabilities
    wanted = metric.needs_probabilities or with_curves
    answers, probabilities = model.answer_adapted(features, probabilities=wanted)
    losses = curves = None
    if probabilities is not None and metric.needs_probabilities:
        losses = list_losses(truths, model.model.classes, probabilities)
    if probabilities is not None and with_curves:
        curves = describe_curves(truths, answers, model.model.classes, probabilities)
    log_loss = None if losses is None else float(losses.mean())
    scores = score([data.classes[row] for row in training], truths, answers, log_loss)
    shares = None if metric == ACCURACY else list_shares(metric, scores, truths, answers, losses)
    return Answered(asked, answers, [scores], shares, curves)


def cross_validate(data: TrainingData, folds: Folds, train_fold: TrainFold, metric: Metric) -> Answered:
    """Train a model in each fold, and return the answers to the examples on which it was not trained.

    Args:
        data: all examples, the training set first.
        folds: how the training set is divided.
        train_fold: trains one model.
        metric: what models are ranked by.
    """
    each = []
    for number, (trains, asked) in enumerate(folds, start=1):
        which = f"{number} of {len(folds)}"
        try:
            model, features = train_fold(trains, asked)
        except TrainingError as error:
            raise error.within(f"in fold {which}") from error
        each.append(answer(model, features, data, trains.tolist(), asked.tolist(), metric))
        log.info(
            "fold",
            number=which,
            training=len(trains),
            answered=len(asked),
            accuracy=round(each[-1].scores[0].accuracy, 4),
        )
    scores = [scores for fold in each for scores in fold.scores]
    averaged = sum(_has_class(metric, fold) for fold in scores)
    shares = [fold.shares / averaged for fold in each if fold.shares is not None]
    return Answered(
        rows=[row for fold in each for row in fold.rows],
        answers=[name for fold in each for name in fold.answers],
        scores=scores,
        shares=np.concatenate(shares) if shares else None,
    )


def _has_class(metric: Metric, scores: Scores) -> bool:
    """Return whether a fold counts in the mean of the metric, see `summarise`."""
    if metric.class_name is None:
        return True
    of_class = scores.per_class.get(metric.class_name)
    return of_class is not None and of_class.support > 0


def require_class(metric: Metric, data: TrainingData) -> None:
    """Check that the examples which choose can be scored by the metric.

    Raises:
        TrainingError: it is about a class that none of them has.
    """
    if metric.class_name is None:
        return
    chooses = data.folds.answered.tolist() if data.folds is not None else data.validation or data.testing
    if all(data.classes[row] != metric.class_name for row in chooses):
        raise TrainingError(
            "metric",
            f"none of the {len(chooses):,} examples that choose the best model is of class {metric.class_name!r}",
            "a class of theirs",
            "see the classes with `pipeline examples stats`",
        )


def summarise(each: Sequence[Scores]) -> dict[str, Any]:
    """Return the mean of the scores of several folds, or the scores of one validation set, as JSON values.

    The scores of a class are averaged over the folds that have examples of it. The deviation is that of the folds
    themselves (n, not n - 1, as scikit-learn's `cv_results_` has it); a single set has none.
    """
    columns: dict[tuple[str, ...], list[float]] = {}
    for scores in each:
        values = scores.to_dict()
        for name in _SCORES:
            if name in values:
                columns.setdefault((name,), []).append(values[name])
        for class_name, of_class in scores.per_class.items():
            if of_class.support:
                for name, value in asdict(of_class).items():
                    if name in _CLASS_SCORES:
                        columns.setdefault(("per_class", class_name, name), []).append(value)
    summary = {"count": sum(scores.testing_count for scores in each), "mean": _nest(columns, fmean)}
    if len(each) > 1:
        folds = [{name: value for name, value in scores.to_dict().items() if name in _SCORES} for scores in each]
        summary |= {"deviation": _nest(columns, pstdev), "folds": folds}
    return summary


def _nest(columns: dict[tuple[str, ...], list[float]], reduce: Callable[[list[float]], float]) -> dict[str, Any]:
    """Return a reduced value for each path."""
    tree: dict[str, Any] = {}
    for (*parents, name), values in columns.items():
        branch = tree
        for parent in parents:
            branch = branch.setdefault(parent, {})
        branch[name] = reduce(values)
    return tree
