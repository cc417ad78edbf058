"""A model in service, and what it answers."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from pipeline.serialisation.document import SplitDocument, join_document
from pipeline.service.source import Target
from pipeline.training.adapted_model import AdaptedModel


@dataclass(frozen=True, slots=True)
class Served:
    """A model in service, ready to answer; `seconds` is the CPU time that one short text takes."""

    target: Target
    model: AdaptedModel = field(repr=False)
    classes: Sequence[str]
    seconds: float

    @classmethod
    def load(cls, target: Target, document: SplitDocument) -> "Served":
        """Return the audited model of a document, warmed up.

        Raises:
            DocumentError: the document is refused, or its model no longer answers as it did when it was trained.
        """
        model = AdaptedModel.from_dict(join_document(document))
        texts = [*model.canary["texts"], "a text that warms the model up"]
        model.answer(texts)
        # of this thread: what else the machine does just now says nothing about the model
        begun = time.thread_time()
        for text in texts:
            model.answer([text])
        seconds = (time.thread_time() - begun) / len(texts)
        return cls(target, model, model.model.classes, seconds)


@dataclass(frozen=True, slots=True)
class Answer:
    """The classes of some texts, and for each the probabilities in the order of the model's classes, if it has them."""

    served: Served
    classes: Sequence[str]
    probabilities: NDArray[Any] | None
