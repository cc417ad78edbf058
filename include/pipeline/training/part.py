"""The part of a training set on which a search tries definitions, and the examples by which it compares them."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.datasets.hold_back import make_folds
from pipeline.datasets.splitting import draw
from pipeline.search.settings import FOLDS, MOST_COMPARING
from pipeline.training.kinds import TrainingData

_FEWEST = 5
"""Examples that each class keeps, as far as it has them: calibration and early stopping divide them once more."""

Rows = NDArray[np.int64]


def choose_rows(data: TrainingData, draw_seed: int | None, seed: int) -> tuple[Rows, Rows]:
    """Return the examples on which definitions are tried, and those by which they are compared. No one tests.

    Compared is by the validation set, or by what the last fold answers; the newest examples, if folds go by time. Where
    the dataset holds nothing back, that is what the last of five folds would answer, and it trains in full only. Of
    more than 2,000 examples, so many are drawn from all classes.

    Args:
        data: all examples.
        draw_seed: of the dataset; None if it splits by time.
        seed: decides which are drawn.
    """
    trains, asked = _divide(data, draw_seed)
    return trains, take_part(data, asked, MOST_COMPARING / len(asked), seed) if len(asked) > MOST_COMPARING else asked


def _divide(data: TrainingData, draw_seed: int | None) -> tuple[Rows, Rows]:
    if data.validation:
        return np.array(data.training), np.array(data.validation)
    folds = data.folds
    if folds is None:
        texts = data.take(data.training).texts
        folds = make_folds([data.classes[row] for row in data.training], texts, FOLDS, draw_seed)
    *_, last = folds
    return last


def take_part(data: TrainingData, rows: Iterable[int], part: float, seed: int) -> Rows:
    """Return a part of some examples, ascending, in which every class has its share.

    A larger part contains every smaller one. Which examples are taken depends on their texts and the seed alone.

    Args:
        data: all examples.
        rows: the places of those to take from.
        part: the share of each class to take, above 0 and at most 1; rounded up, and at least 5 examples of a class
            that has so many.
        seed: decides which.
    """
    texts: Sequence[str] = data.texts.texts
    by_class: dict[str, list[int]] = {}
    for row in map(int, rows):
        by_class.setdefault(data.classes[row], []).append(row)
    taken: list[int] = []
    for of_class in by_class.values():
        drawn = sorted(of_class, key=lambda row: draw(texts[row], seed))
        taken += drawn[: max(math.ceil(round(len(drawn) * part, 9)), _FEWEST)]
    return np.array(sorted(taken), np.int64)
