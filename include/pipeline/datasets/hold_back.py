"""Hold training examples back, so that what chooses the best model is not what its score is reported on."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.components.options import OptionSchema
from pipeline.datasets.cuts import find_cut
from pipeline.datasets.folds import Folds, fold_at_random, fold_by_time
from pipeline.datasets.split import Split
from pipeline.datasets.splitting import draw, split_at_random, split_by_time
from pipeline.errors import TrainingError


def hold_back(split: Split, options: OptionSchema, draw_seed: int | None) -> Split:
    """Return a split whose training examples are divided as `validation_ratio` or `folds` says.

    Args:
        split: a training set and a testing set.
        options: of the dataset; those of a class without these two hold nothing back.
        draw_seed: seeds a random division; None divides by time.
    """
    ratio, folds = getattr(options, "validation_ratio", None), getattr(options, "folds", None)
    examples = split.training
    if ratio is not None:
        if draw_seed is not None:
            training, validation = split_at_random(examples, 1 - ratio, draw_seed)
            return replace(split, training=training, validation=validation)
        training, validation = split_by_time(examples, 1 - ratio)
        cut = find_cut(examples, len(training))
        return replace(split, training=training, validation=validation, validation_cut=cut)
    if folds is None:
        return split
    return replace(split, folds=make_folds(examples.classifications, examples.texts, folds, draw_seed))


def make_folds(classifications: Sequence[str], texts: Sequence[str], folds: int, draw_seed: int | None) -> Folds:
    """Return the folds of a training set.

    Args:
        classifications: of its examples, oldest first.
        texts: of its examples.
        folds: how many.
        draw_seed: seeds a random division; None divides by time.
    """
    if draw_seed is None:
        return fold_by_time(len(classifications), folds)
    return fold_at_random(classifications, [draw(text, draw_seed) for text in texts], folds)


def require_choosable(split: Split, where: str, next_step: str) -> None:
    """Check that there are examples to choose a model by, and that each fold can be trained.

    Raises:
        TrainingError: no example is held back, or a fold trains on fewer than two classes or answers nothing.
    """
    if split.validation is not None and not len(split.validation):
        raise TrainingError(where, "validation_ratio holds back no example", "at least one", next_step)
    if split.folds is None:
        return
    names = split.training.classifications
    for number, (trains, answered) in enumerate(split.folds, start=1):
        classes = len({names[row] for row in trains})
        if not len(answered) or classes < 2:
            raise TrainingError(
                where,
                f"fold {number} of {len(split.folds)} has {len(trains)} examples to train on (classes: {classes}) and "
                f"{len(answered)} to answer",
                "at least two classes to train on, and one example to answer",
                next_step,
            )
