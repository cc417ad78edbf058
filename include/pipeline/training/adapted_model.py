"""An adapter and a model, trained together and kept together."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

from threadpoolctl import threadpool_limits

from pipeline.adapters import adapters
from pipeline.adapters.base import Adapter
from pipeline.datasets.base import require_classes
from pipeline.errors import TrainingError
from pipeline.examples.example import Example, ExampleSet
from pipeline.models import models
from pipeline.models.base import Model
from pipeline.serialisation.containers import Record
from pipeline.serialisation.json_document import LIMIT_BYTES, read_json, write_json
from pipeline.serialisation.schema import Anything, Text, audit, refuse
from pipeline.training.scores import share_right

Timer = Callable[[str], AbstractContextManager[object]]

_MOST_ROWS = 1_024
_BATCH_BYTES = 64 * 2**20


class AdaptedModel:
    """An adapter and a model that is trained on what the adapter makes of the training set."""

    def __init__(self, adapter: Adapter, model: Model) -> None:
        self.adapter = adapter
        self.model = model

    def fit(self, training_set: ExampleSet, seed: int = 0, timed: Timer = nullcontext) -> Self:
        """Train the adapter, then the model, on one thread, and return self.

        Args:
            timed: a context manager around each step, given the step's name: `fit_adapter`, `adapt`, `fit_model`.

        Raises:
            TrainingError: fewer than two classes, no words, or features that the model cannot learn from.
        """
        require_classes(training_set, "training set")
        # More threads would add numbers up in another order, and give another model.
        with threadpool_limits(limits=1):
            with timed("fit_adapter"):
                self.adapter.fit(training_set.texts, seed)
            with timed("adapt"):
                features = self.adapter.transform(training_set.texts)
            with timed("fit_model"):
                self.model.fit(features, training_set.classifications, seed)
        return self

    def classify(self, examples: Iterable[Example | str]) -> list[str]:
        """Return one class name an example, in order; of an example only its text is looked at."""
        texts = [example if isinstance(example, str) else example.text for example in examples]
        rows = max(1, min(_MOST_ROWS, _BATCH_BYTES // (4 * self.adapter.width)))
        answers: list[str] = []
        for start in range(0, len(texts), rows):
            answers += self.model.predict(self.adapter.transform(texts[start : start + rows]))
        return answers

    def accuracy(self, testing_set: ExampleSet) -> float:
        """Return the share of a testing set that is classified as it is labelled.

        Raises:
            TrainingError: the testing set is empty.
        """
        if not len(testing_set):
            raise TrainingError("testing set", "no examples", "at least one")
        return share_right(testing_set.classifications, self.classify(testing_set.texts))

    def to_dict(self) -> dict[str, Any]:
        """Return the document: `adapter_type`, `model_type`, `adapter` and `model`, with numpy arrays inside."""
        return {
            "adapter_type": self.adapter.name,
            "model_type": self.model.name,
            "adapter": self.adapter.to_dict(),
            "model": self.model.to_dict(),
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Self:
        """Return an adapted model that classifies exactly as the one the document came from.

        Raises:
            DocumentError: a missing, unknown or out-of-range part, named by its path.
        """
        parts = {
            "adapter_type": Text(tuple(adapters.classes)),
            "model_type": Text(tuple(models.classes)),
            "adapter": Anything(),
            "model": Anything(),
        }
        audit(document, Record(parts))
        adapter = adapters[document["adapter_type"]].from_dict(document["adapter"])
        model = models[document["model_type"]].from_dict(document["model"])
        if adapter.width != model.width:
            refuse("model", f"a model of width {model.width}", f"width {adapter.width}, which the adapter gives")
        return cls(adapter, model)

    def to_json(self) -> str:
        """Return the document as JSON text; the same adapted model gives the same text."""
        return write_json(self.to_dict())

    @classmethod
    def from_json(cls, text: str, limit_bytes: int = LIMIT_BYTES) -> Self:
        """Return the adapted model in a JSON text, which may come from a stranger.

        Raises:
            DocumentError: whatever `read_json` or `from_dict` refuses.
        """
        return cls.from_dict(read_json(text, limit_bytes))
