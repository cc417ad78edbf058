"""An adapter and a model that are trained together and kept together."""

from collections.abc import Iterable, Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.adapters import adapters
from pipeline.adapters.base import Adapter
from pipeline.components.family import Family
from pipeline.components.features import Features
from pipeline.errors import TrainingError
from pipeline.examples.example import Example, ExampleSet
from pipeline.models import models
from pipeline.models.base import Model
from pipeline.serialisation.document import read_document, write_document
from pipeline.serialisation.schema import Text, refuse
from pipeline.serialisation.tree import LIMIT_BYTES
from pipeline.training.canary import audit_canary, check_canary, make_canary
from pipeline.training.formats import FORMAT, upgrade
from pipeline.training.scores import share_right

_MOST_ROWS = 1_024
_BATCH_BYTES = 64 * 2**20
_WIDEST = 2**25  # beyond any single adapter; a row takes 128 MiB


class AdaptedModel:
    """A fitted adapter and a model that was fitted on the adapter's features of the training set.

    `pipeline.training.train.fit` trains one; `from_dict` and `from_document` read one. Any number of threads may
    classify with it at once, each with the same answers as alone; so the registry keeps one of each for all requests.
    """

    def __init__(self, adapter: Adapter, model: Model) -> None:
        self.adapter = adapter
        self.model = model
        self.canary: dict[str, list[str]] = {"texts": [], "answers": []}

    def make_canary(self) -> None:
        """Store some texts and their answers, so that a reader can check whether the model still answers the same."""
        self.canary = make_canary(self.adapter.terms, self._classify)

    def classify(self, examples: Iterable[Example | str]) -> list[str]:
        """Return one class name per example, in order; only the text of an example is used."""
        return self._classify(_read_texts(examples))

    def _classify(self, texts: list[str]) -> list[str]:
        return [answer for features in self._adapt(texts) for answer in self.model.predict(features)]

    def probabilities(self, examples: Iterable[Example | str]) -> NDArray[Any]:
        """Return the probability of each class for each example, shape (n, classes), in the order of `model.classes`.

        Raises:
            TrainingError: this model does not provide probabilities with its options.
        """
        return self._join([self.model.probabilities(features) for features in self._adapt(_read_texts(examples))])

    def answer(self, examples: Iterable[Example | str]) -> tuple[list[str], NDArray[Any] | None]:
        """Return what `classify` and `probabilities` return, in half the time; None if there are no probabilities."""
        answers = [self.model.answer(features) for features in self._adapt(_read_texts(examples))]
        classes = [name for names, _ in answers for name in names]
        if not self.model.gives_probabilities:
            return classes, None
        return classes, self._join([shares for _, shares in answers if shares is not None])

    def _join(self, shares: list[NDArray[Any]]) -> NDArray[Any]:
        return np.vstack(shares) if shares else np.zeros((0, len(self.model.classes)))

    def answer_adapted(self, features: Features, *, probabilities: bool) -> tuple[list[str], NDArray[Any] | None]:
        """Return for the adapter's features of texts what `classify` and, if wanted, `probabilities` return for them.

        Raises:
            TrainingError: probabilities are wanted, and this model does not provide them with its options.
        """
        batches = (features[rows] for rows in self._cut(features.shape[0]))
        if not probabilities:
            return [answer for batch in batches for answer in self.model.predict(batch)], None
        answers: list[str] = []
        shares: list[NDArray[Any]] = []
        for batch in batches:
            names, share = self.model.answer(batch)
            answers += names
            shares.append(self.model.probabilities(batch) if share is None else share)  # which says why there are none
        return answers, self._join(shares)

    def _adapt(self, texts: list[str]) -> Iterator[Features]:
        return (self.adapter.transform(texts[rows]) for rows in self._cut(len(texts)))

    def _cut(self, count: int) -> Iterator[slice]:
        """Yield the batches in which this many texts are classified."""
        width = self.adapter.dense_width if self.model.takes_sparse else self.adapter.width
        rows = max(1, min(_MOST_ROWS, _BATCH_BYTES // (8 * max(width, len(self.model.classes), 1))))
        return (slice(start, start + rows) for start in range(0, count, rows))

    def accuracy(self, testing_set: ExampleSet) -> float:
        """Return the share of a testing set that is classified as it is labelled.

        Raises:
            TrainingError: the testing set is empty.
        """
        if not len(testing_set):
            raise TrainingError("testing set", "no examples", "at least one")
        return share_right(testing_set.classifications, self.classify(testing_set.texts))

    def to_dict(self) -> dict[str, Any]:
        """Return the document, with numpy arrays in it: the options of both parts, what they learnt, and the canary."""
        return {
            "format": FORMAT,
            "adapter_type": self.adapter.name,
            "model_type": self.model.name,
            "adapter": self.adapter.to_dict(),
            "model": self.model.to_dict(),
            "canary": self.canary,
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any], accept_drift: bool = False) -> Self:
        """Return an adapted model that classifies exactly as the one from which the document was made.

        Args:
            accept_drift: accept it even if it answers its canary differently than after training.

        Raises:
            DocumentError: a part is missing, unknown or out of range; the message has its path.
            PredictionDriftError: it answers differently than when it was trained.
        """
        document = upgrade(document)
        adapter = adapters[_read_name(document, "adapter_type", adapters)].from_dict(document["adapter"])
        model = models[_read_name(document, "model_type", models)].from_dict(document["model"])
        if adapter.width != model.width:
            refuse("model", f"a model of width {model.width}", f"width {adapter.width}, which the adapter gives")
        if adapter.dense_width > _WIDEST:
            refuse("adapter", f"rows of {adapter.dense_width} numbers", f"at most {_WIDEST}")
        audit_canary(document["canary"], adapter.tokeniser)
        adapted = cls(adapter, model)
        adapted.canary = document["canary"]
        if not accept_drift:
            told = document["adapter"]["libraries"] | document["model"]["libraries"]
            trained_with = {name: told[name] for name in (*adapter.libraries, *model.libraries) if name in told}
            check_canary(adapted.canary, adapted._classify, trained_with)
        return adapted

    def to_document(self, encoding: str = "json") -> bytes:
        """Return the document in one of the `ENCODINGS`; the same adapted model gives the same bytes."""
        return write_document(self.to_dict(), encoding)

    @classmethod
    def from_document(cls, data: bytes, limit_bytes: int = LIMIT_BYTES, accept_drift: bool = False) -> Self:
        """Return the adapted model in a document of either encoding; the document may come from an untrusted source.

        Raises:
            DocumentError: whatever `read_document` or `from_dict` refuses.
        """
        return cls.from_dict(read_document(data, limit_bytes), accept_drift)

    def to_json(self) -> str:
        """Return the document as JSON text."""
        return self.to_document().decode()

    @classmethod
    def from_json(cls, text: str, limit_bytes: int = LIMIT_BYTES, accept_drift: bool = False) -> Self:
        """Return the adapted model in a JSON text, as `from_document` does."""
        return cls.from_document(text.encode(errors="surrogatepass"), limit_bytes, accept_drift)


def _read_texts(examples: Iterable[Example | str]) -> list[str]:
    return [example if isinstance(example, str) else example.text for example in examples]


def _read_name(document: dict[str, Any], part: str, family: Family[Any]) -> str:
    Text().check(document[part], part, {})
    name = str(document[part])
    if name not in family.classes:
        refuse(part, repr(name[:40]), f"one of {family.describe_names()}")
    return name
