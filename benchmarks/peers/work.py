"""The work that every contestant does, as one plain file, and the outcome that each returns."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

_FEW_TEXTS, _FEW_DEFINITIONS = 100, 4
BUSY = ("user", "nice", "system", "irq", "softirq")


@dataclass(frozen=True)
class Work:
    """Definitions by label, and the examples on which they are trained and tested, in memory and not encrypted.

    Args:
        texts, classifications: the training set's, then the validation set's if there is one, then the testing set's.
        training: how many of the texts train.
        definitions: as `Definition.to_dict` gives them; all have one dataset.
        folds: which fold answers each of the texts that train; None if there are no folds.
        validation: how many of the texts choose among the definitions.
    """

    texts: list[str]
    classifications: list[str]
    training: int
    definitions: dict[str, dict[str, Any]]
    seed: int
    cores: int
    folds: list[int] | None = None
    validation: int = 0

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the work in a file that `write` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def shorten(self) -> Self:
        """Return a few definitions on few examples: one-time work for a contestant that has just started."""
        texts = self.texts[:: max(1, len(self.texts) // _FEW_TEXTS)]
        labels = [*self.definitions]
        return replace(
            self,
            texts=texts,
            classifications=[f"{place % 2}" for place in range(len(texts))],
            training=len(texts) * 3 // 4,
            folds=None,
            validation=len(texts) // 8 if self.validation else 0,
            definitions={
                label: self.definitions[label] for label in labels[:: max(1, len(labels) // _FEW_DEFINITIONS)]
            },
        )

    def write(self, path: Path) -> None:
        """Write the work to a file."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


@dataclass(frozen=True)
class Outcome:
    """What a contestant did.

    Args:
        seconds: from handing over the work to its last result.
        core_seconds: of all processes of this machine during that time.
        accuracies: by the label of the definition.
        startup_seconds: what it needed before, not counted in `seconds`.
        parts: the seconds of each part of the work, if known.
    """

    seconds: float
    core_seconds: float
    accuracies: dict[str, float]
    startup_seconds: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the outcome in a file that `write` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def write(self, path: Path) -> None:
        """Write the outcome to a file."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


class Stopwatch:
    """Seconds, and core-seconds of the whole machine, that a block took."""

    def __enter__(self) -> Self:
        self._busy, self._started = _read_busy(), time.perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.seconds = time.perf_counter() - self._started
        self.core_seconds = _read_busy() - self._busy


def _read_busy() -> float:
    times = psutil.cpu_times()
    return float(sum(getattr(times, name, 0.0) for name in BUSY))
