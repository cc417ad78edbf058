"""Examples that score stored models: the testing set of a dataset, or every example of a span. None of them trains."""

from array import array
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.cache.cache import Cache, Kind
from pipeline.datasets.base import Dataset
from pipeline.errors import RetryableError, TrainingError
from pipeline.examples.corpus import Corpus
from pipeline.examples.digest import DigestingSource, digest_rows
from pipeline.examples.example import ExampleSet, ExampleSource, Selection
from pipeline.examples.identity import to_microseconds
from pipeline.examples.moments import Moments
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.training.kinds import EXAMPLES, TOKENS, TrainingData, make_corpus
from pipeline.training.lineage import list_versions


@dataclass(frozen=True)
class Asked:
    """Which examples score models: the testing set of a dataset, or every example of a selection.

    ```text
    Asked(SpanDataset(…))                    the newest fifth of its span, as `train_classifiers` tests
    Asked(Selection("default", start, end))  all examples of the collection in [start, end)
    ```
    """

    chosen: Dataset | Selection

    @property
    def selections(self) -> tuple[Selection, ...]:
        """Everything that is fetched to find the examples."""
        return (self.chosen,) if isinstance(self.chosen, Selection) else self.chosen.selections

    @property
    def collection(self) -> str:
        """The collection of the examples."""
        return self.selections[-1].collection

    @property
    def block(self) -> dict[str, Any] | None:
        """The dataset as JSON values; None for a selection."""
        return None if isinstance(self.chosen, Selection) else self.chosen.block

    @property
    def key(self) -> dict[str, Any]:
        """What decides which examples are taken of those that are fetched, as JSON values."""
        if isinstance(self.chosen, Selection):
            return {"all of": [self.chosen.collection]}
        return {"testing set of": self.chosen.effective, "made by": list_versions(self.chosen)}

    def select(self, source: ExampleSource) -> ExampleSet:
        """Fetch the examples.

        Raises:
            TrainingError: there is none.
        """
        if not isinstance(self.chosen, Selection):
            found = self.chosen.select(source).testing
            if not len(found):
                raise TrainingError(self.chosen.name, "its testing set is empty", "at least one example", "widen it")
            return found
        found = source.fetch(self.chosen)
        if not len(found):
            raise no_examples(self.chosen)
        return found


def no_examples(selection: Selection) -> TrainingError:
    """Return the error that says that a selection holds no example to score on."""
    start, end = (each.isoformat(timespec="seconds") for each in (selection.start, selection.end))
    return TrainingError(
        f"collection {selection.collection}",
        f"holds no examples from {start} up to {end}",
        "at least one to score on",
        "see what it holds with `pipeline examples stats`",
    )


@dataclass(frozen=True)
class TestingData:
    """Examples that score models, oldest first.

    Attributes:
        data: their classes, digests and texts, all of them its testing set.
        microseconds: when each occurred, from 1970 on, shape (examples,), int64.
    """

    __test__ = False  # pytest takes it for a test by its name

    data: TrainingData
    microseconds: NDArray[np.int64]


def fetch_testing(asked: Asked, store: ExamplesStore, cache: Cache) -> TestingData:
    """Return the examples that are asked for, from the cache or the examples database.

    Raises:
        TrainingError: there is none.
        KeyRingError: an example cannot be decrypted.
        RetryableError: examples were loaded, corrected or deleted meanwhile.
    """
    key = None
    if cache.shares:
        (digest,) = ExamplesSurvey(store.database).digest([asked])
        key = asked.key | {"digest": digest}
    found = cache.get(_TESTING, key, lambda: _fetch(asked, store, None if key is None else key["digest"]))
    texts = found.data.texts
    shared = Corpus(len(texts), lambda: texts.texts, lambda: cache.get(TOKENS, key, lambda: texts.tokens), key)
    return replace(found, data=replace(found.data, texts=shared))


def _fetch(asked: Asked, store: ExamplesStore, wanted: str | None) -> TestingData:
    source = DigestingSource(store)
    examples = asked.select(source)
    if wanted is not None and source.digest(asked.selections) != wanted:
        raise RetryableError(
            f"collection {asked.collection}",
            "examples were loaded, corrected or deleted while they were read",
            next_step="another try reads them again",
        )
    moments = examples.occurred_at
    microseconds = moments.microseconds if isinstance(moments, Moments) else array("q", map(to_microseconds, moments))
    account = {
        "digest": digest_rows(examples.digests).hex(),
        "count": len(examples),
        "first": moments[0].isoformat(),
        "last": moments[-1].isoformat(),
    }
    data = TrainingData(
        classes=examples.classifications,
        digests=examples.digests,
        texts=make_corpus(len(examples), lambda: examples.texts),
        counts=(0, 0, len(examples)),
        folds=None,
        account=account,
    )
    return TestingData(data, np.array(microseconds, dtype=np.int64))


def _pack(found: TestingData) -> Any:
    return {"examples": EXAMPLES.pack(found.data), "microseconds": found.microseconds}


def _unpack(tree: Any) -> TestingData:
    return TestingData(EXAMPLES.unpack(tree["examples"]), tree["microseconds"])


_TESTING: Final = Kind("testing examples", _pack, _unpack)
