"""The columns that answers are written to."""

from collections.abc import Sequence
from typing import Any

from pipeline.errors import TrainingError
from pipeline.loading.source_file import Format
from pipeline.training.adapted_model import AdaptedModel


class AnswerColumns:
    """What is written of an answer, and the names of its columns.

    Example: `classification`, `probability`, `model`; with the probability of every class, a CSV file also has
    `probability_spam` and `probability_ham`, and JSON Lines the object `probabilities`.

    Args:
        model: what answers; without probabilities, it has no column of them.
        file_format: the format of the file to write.
        version: the model's name, such as `label@3`; without one, there is no column `model`.
        every: write the probability of every class, not of the answered one only.
        prefix: what all names begin with.

    Raises:
        TrainingError: every probability is wanted, and the model gives none.
    """

    def __init__(self, model: AdaptedModel, file_format: Format, version: str, every: bool, prefix: str) -> None:
        gives = model.model.gives_probabilities
        if every and not gives:
            allowed = "a model that does, such as logistic regression, or one with the option calibration"
            raise TrainingError(version or "the model", "gives no probabilities", allowed, "omit --probabilities")
        self._classes = [*model.model.classes]
        self._places = {name: place for place, name in enumerate(self._classes)}
        self._version = version
        self._every = every
        self._nests = file_format == "jsonl"
        names = ["classification", *(["probability"] if gives else []), *(["model"] if version else [])]
        if every:
            names += ["probabilities"] if self._nests else [f"probability_{name}" for name in self._classes]
        self.names = [f"{prefix}{name}" for name in names]

    def fill(self, classification: str, shares: Sequence[float] | None) -> list[Any]:
        """Return an answer's value for each name.

        Args:
            classification: the class.
            shares: the probability of each class, in the model's order; None if it gives none.
        """
        values: list[Any] = [classification]
        if shares is not None:
            values.append(shares[self._places[classification]])
        if self._version:
            values.append(self._version)
        if self._every and shares is not None:
            values += [dict(zip(self._classes, shares, strict=True))] if self._nests else shares
        return values
