"""Texts as the weights of their terms."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from pipeline.adapters.base import Adapter, Features
from pipeline.adapters.tokenise import tokenise
from pipeline.errors import TrainingError
from pipeline.options import OptionSchema
from pipeline.serialisation.containers import Array, Listing, Record
from pipeline.serialisation.schema import Text, refuse

# 1 + ln(n) for more texts than any database holds.
_LARGEST_IDF = 50.0


def _check_order(lengths: list[int]) -> list[int]:
    shortest, longest = lengths
    if shortest > longest:
        raise ValueError(f"the shortest length ({shortest}) must not be above the longest ({longest})")
    return lengths


class TfidfAdapter(Adapter):
    """Turns a text into its known terms' frequencies, each times how rare the term is, in rows of length 1.

    A term is one word or a few that stand together, and is as rare as its inverse document frequency says
    (Spärck Jones 1972, doi:10.1108/eb026526), in scikit-learn's smoothed form: 1 + ln((1 + texts) / (1 + texts that
    hold it)). The `max_features` most frequent terms are known; of equally frequent ones the alphabetically first.
    """

    name: ClassVar[str] = "TfidfAdapter"
    short_name: ClassVar[str] = "tfidf"
    gives_negative: ClassVar[bool] = False

    class Options(OptionSchema):
        ngram_range: Annotated[
            list[Annotated[int, Field(ge=1, le=5)]],
            Field(min_length=2, max_length=2),
            AfterValidator(_check_order),
        ] = Field(default=[1, 1], description="How many words a term is of: [shortest, longest].")
        min_df: int = Field(
            default=1, ge=1, le=1_000_000, description="Terms that stand in fewer of the training texts are unknown."
        )
        max_features: int = Field(
            default=10_000,
            ge=1,
            le=100_000,
            description="How many of the training set's most frequent terms are known; each takes 4 bytes a text.",
        )
        sublinear_tf: bool = Field(
            default=False, description="Whether a term that occurs n times in a text counts 1 + ln(n) and not n."
        )

    learnt: ClassVar[Record] = Record(
        {
            "words": Listing(Text(), size="words", fewest=1, distinct=True),
            "idf": Array("float64", ("words",), 1.0, _LARGEST_IDF),
        }
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._words: list[str] = []
        self._vectorizer: Any = None

    def fit(self, texts: Sequence[str], seed: int = 0) -> Self:  # noqa: ARG002 - nothing is drawn at random
        from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

        counter = CountVectorizer(min_df=self.options.min_df, **self._make_terms())
        try:
            counts = counter.fit_transform(texts)
        except ValueError:  # it has no other reason than that no term is left
            raise TrainingError(
                self.name,
                f"no term is left after tokenising {len(texts)} training texts",
                f"at least one term of {self.options.ngram_range[0]} or more words (ngram_range) that stands in "
                f"{self.options.min_df} or more texts (min_df)",
                "choose another span or collection, a lower min_df, or a shorter ngram_range",
            ) from None
        # TfidfVectorizer's own max_features leaves equally frequent terms to a sort that depends on the CPU.
        totals = np.asarray(counts.sum(axis=0)).ravel()
        known = np.sort(np.argsort(-totals, kind="stable")[: self.options.max_features])
        words = sorted(counter.vocabulary_)
        self._set_terms([words[column] for column in known], TfidfTransformer().fit(counts[:, known]).idf_)
        return self

    def _make_terms(self) -> dict[str, Any]:
        """Return what makes scikit-learn take our words and make terms of them."""
        ngram_range = tuple(self.options.ngram_range)
        return {"tokenizer": tokenise, "token_pattern": None, "lowercase": False, "ngram_range": ngram_range}

    def _set_terms(self, words: list[str], idf: NDArray[np.float64]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(vocabulary=words, sublinear_tf=self.options.sublinear_tf, **self._make_terms())
        vectorizer.idf_ = np.array(idf, dtype=np.float64)
        self._words, self._vectorizer = words, vectorizer

    def transform(self, texts: Sequence[str]) -> Features:
        self.require_fitted()
        if not len(texts):
            return np.zeros((0, self.width), dtype=np.float32)
        features: Features = self._vectorizer.transform(texts).astype(np.float32).toarray()
        return features

    @property
    def width(self) -> int:
        self.require_fitted()
        return len(self._words)

    @property
    def fitted(self) -> bool:
        return bool(self._words)

    def get_learnt(self) -> dict[str, Any]:
        return {"words": list(self._words), "idf": self._vectorizer.idf_.copy()}

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        words: list[str] = learnt["words"]
        if len(words) > self.options.max_features:
            refuse("adapter.words", f"{len(words)} words", f"1 to {self.options.max_features} words (max_features)")
        self._set_terms(list(words), learnt["idf"])
