"""What a searching peer tries: one definition with a part of the training set, and what it reached when."""

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from peers.work import Work

PARTS = (1 / 9, 1 / 3, 1.0)
"""The rungs of `"search": {"method": "halving"}`."""


@dataclass(frozen=True)
class Tried:
    """One training.

    Args:
        seconds: since the search began, when it ended.
        label: the definition.
        part: of the training set.
        validation: the accuracy by which the peer chooses.
        testing: the accuracy on examples that nobody chooses on; the peer does not see it.
    """

    seconds: float
    label: str
    part: float
    validation: float
    testing: float


@dataclass(frozen=True)
class Reached:
    """What a peer did, in the order in which trainings ended."""

    startup_seconds: float
    tried: list[Tried] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return what `write` wrote."""
        found = json.loads(path.read_text(encoding="utf-8"))
        return cls(found["startup_seconds"], [Tried(**each) for each in found["tried"]])

    def write(self, path: Path) -> None:
        """Write it to a file."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    def find_best(self, seconds: float) -> Tried | None:
        """Return the model that the peer would hand over after so many seconds: of those trained in full, the best."""
        whole = [each for each in self.tried if each.seconds <= seconds and each.part == 1]
        return max(whole, key=lambda each: each.validation, default=None)


def try_definition(work: Work, label: str, part: float, started: float) -> Tried:
    """Train a definition with a part of the training set, drawn with strata, and score it."""
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import Pipeline

    from peers.recipe import make_steps

    rows: Any = range(work.training)
    if part < 1:
        classes = work.classifications[: work.training]
        rows, _ = train_test_split([*rows], train_size=part, stratify=classes, random_state=work.seed)
    adapter, model = make_steps(work.definitions[label], work.seed)
    pipeline = Pipeline([("adapter", adapter), ("model", model)])
    pipeline.fit([work.texts[row] for row in rows], [work.classifications[row] for row in rows])
    chosen, end = work.training + work.validation, len(work.texts)
    validation = _score(pipeline, work, work.training, chosen)
    seconds = time.time() - started  # the testing set is not the peer's business
    return Tried(seconds, label, part, validation, _score(pipeline, work, chosen, end))


def _score(pipeline: Any, work: Work, start: int, end: int) -> float:
    return float(pipeline.score(work.texts[start:end], work.classifications[start:end]))
