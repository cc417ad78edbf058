"""Fit adapters and turn texts into features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.adapters.base import Adapter
from pipeline.cache.cache import Cache, Kind
from pipeline.components.features import Features, stack
from pipeline.examples.corpus import Corpus
from pipeline.training.kinds import FEATURES
from pipeline.training.lineage import list_versions


@dataclass(frozen=True)
class Preparation:
    """Fits adapters on a training set and transforms texts, each once for all trainings that share a cache.

    The parts of a union are prepared one by one, so that definitions with only one of them share it:

    ```text
    UnionAdapter(tfidf, word2vec)   fits tfidf and word2vec     returns their features side by side
    TfidfAdapter()                  finds tfidf in the cache    finds its features in the cache
    ```

    Attributes:
        training_texts: the texts on which adapters are fitted. Results are shared if it is a `Corpus` with a key.
        seed: from 0 to 2³² - 1.
        cache: by default, a cache without a store.
    """

    training_texts: Sequence[str]
    seed: int = 0
    cache: Cache = field(default_factory=Cache)

    def fit(self, adapter: Adapter) -> None:
        """Fit an adapter on the training set, or read what it learnt from the cache.

        Raises:
            TrainingError: it cannot learn anything from the texts.
        """
        for part in adapter.parts:
            self.fit(part)
        if adapter.parts:
            return

        def unpack(learnt: Any) -> Adapter:
            adapter.set_learnt(learnt)
            return adapter

        kind: Kind[Adapter] = Kind("trained adapter", lambda fitted: fitted.get_shared(), unpack)
        key = self._key(adapter, adapter.training_text)
        self.cache.get(kind, key, lambda: adapter.fit(self.training_texts, self.seed))

    def transform(self, adapter: Adapter, texts: Sequence[str]) -> Features:
        """Return the features of texts, shape (n, width)."""
        if adapter.parts:
            return stack([self.transform(part, texts) for part in adapter.parts])
        key = self._key(adapter, adapter.effective)
        if key is not None:
            key |= {"texts": _key_of(texts)}
        return self.cache.get(FEATURES, key, lambda: adapter.transform(texts))

    def _key(self, adapter: Adapter, options: str) -> dict[str, Any] | None:
        """Return everything that decides what an adapter learns; None if it is not shared."""
        examples = _key_of(self.training_texts)
        if examples is None:
            return None
        made_by = list_versions(adapter, *adapter.libraries)
        return {"examples": examples, "adapter": options, "seed": self.seed, "made by": made_by}


def _key_of(texts: Sequence[str]) -> Mapping[str, Any] | None:
    return texts.key if isinstance(texts, Corpus) else None
