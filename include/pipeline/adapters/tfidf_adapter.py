"""Turns texts into the weights of their terms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from pipeline.adapters.base import Adapter
from pipeline.adapters.terms import (
    ANALYZER,
    NGRAM_RANGE,
    Analyze,
    Analyzer,
    NgramRange,
    count_terms,
    make_analyze,
    name_units,
)
from pipeline.adapters.weighing import IDF, NORM, SUBLINEAR_TF, Norm, count, find_idf, make_rows, weigh
from pipeline.components.features import Features
from pipeline.components.options import Added, OptionSchema
from pipeline.errors import TrainingError
from pipeline.lazy import NDArray, np
from pipeline.serialisation.containers import Listing, Record
from pipeline.serialisation.schema import Text, refuse

_WORDS = {"words": Listing(Text(), size="words", fewest=1, distinct=True)}


class TfidfAdapter(Adapter):
    """Turns a text into the frequencies of its known terms, multiplied by how rare each term is, scaled to length 1.

    A term is a word, or a run of a few words or characters. Its rarity is the inverse document frequency (Spärck Jones
    1972, doi:10.1108/eb026526) in scikit-learn's smoothed form: 1 + ln((1 + texts) / (1 + texts with the term)). The
    `max_features` most frequent terms are known, and of equally frequent terms the alphabetically first. Without
    `use_idf` and `norm`, a row contains the terms' counts.
    """

    name: ClassVar[str] = "TfidfAdapter"
    short_name: ClassVar[str] = "tfidf"
    gives_negative: ClassVar[bool] = False
    gives_sparse: ClassVar[bool] = True
    libraries: ClassVar[tuple[str, ...]] = ("numpy", "scipy", "scikit-learn")
    row_options: ClassVar[frozenset[str]] = frozenset({"sublinear_tf", "use_idf", "norm"})

    class Options(OptionSchema):
        ngram_range: NgramRange = Field(default=[1, 1], description=NGRAM_RANGE)
        min_df: int = Field(
            default=1, ge=1, le=1_000_000, description="Terms that occur in fewer training texts are unknown."
        )
        max_features: int = Field(
            default=10_000,
            ge=1,
            le=1_000_000,
            description="How many of the training set's most frequent terms are known.",
        )
        sublinear_tf: bool = Field(default=False, description=SUBLINEAR_TF)
        analyzer: Annotated[Analyzer, Added()] = Field(default="word", description=ANALYZER)
        max_df: Annotated[float, Added()] = Field(
            default=1.0, gt=0, le=1, description="Terms that occur in a larger share of the training texts are unknown."
        )
        use_idf: Annotated[bool, Added()] = Field(
            default=True, description="Whether a term counts more the fewer training texts contain it."
        )
        norm: Annotated[Norm, Added()] = Field(default="l2", description=NORM)

    learnt: ClassVar[Record] = Record(_WORDS | {"idf": IDF})

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._ranks: dict[str, int] = {}  # a term's column, plus 1; columns are in alphabetical order
        self._idf: NDArray[np.float64] | None = None

    def declare(self) -> Record:
        return self.learnt if self.options.use_idf else Record(_WORDS)

    @cached_property
    def _analyze(self) -> Analyze:
        return make_analyze(self.options.analyzer, self.options.ngram_range, self.tokeniser)

    def fit(self, texts: Sequence[str], seed: int = 0) -> Self:  # noqa: ARG002 - nothing is drawn at random
        holding, repeats = count_terms(texts, self._analyze)
        fewest, share = self.options.min_df, self.options.max_df
        known = [term for term, count in holding.items() if count >= fewest and count / len(texts) <= share]
        if not known:
            raise self._no_terms_error(len(texts))
        if len(known) > self.options.max_features:
            # equally frequent terms stay in alphabetical order, because sorting is stable, also in reverse
            known = sorted(sorted(known), key=lambda term: holding[term] + repeats[term], reverse=True)
            del known[self.options.max_features :]
        known.sort()
        self._ranks = {term: rank for rank, term in enumerate(known, start=1)}
        self._idf = find_idf(map(holding.__getitem__, known), len(texts))
        return self

    def _no_terms_error(self, texts: int) -> TrainingError:
        kind = name_units(self.options.analyzer)
        return TrainingError(
            self.name,
            f"no term is left after tokenising {texts} training texts",
            f"at least one term of {self.options.ngram_range[0]} or more {kind} (ngram_range) that occurs in "
            f"{self.options.min_df} or more texts (min_df), and in a share of at most {self.options.max_df:g} (max_df)",
            "choose another span or collection, a lower min_df, a higher max_df, or a shorter ngram_range",
        )

    def transform(self, texts: Sequence[str]) -> Features:
        self.require_fitted()
        return make_rows(texts, self._weigh, self.width)

    def _weigh(self, texts: Sequence[str]) -> Any:
        ranks: list[int] = []
        ends = [0]
        for terms in self._analyze(texts):
            ranks.extend(filter(None, map(self._ranks.get, terms)))
            ends.append(len(ranks))
        counts = count(np.array(ranks, dtype=np.int32) - 1, ends, self.width)
        idf = self._idf if self.options.use_idf else None
        return weigh(counts, idf, sublinear_tf=self.options.sublinear_tf, norm=self.options.norm)

    @property
    def width(self) -> int:
        self.require_fitted()
        return len(self._ranks)

    @property
    def terms(self) -> Sequence[str]:
        return list(self._ranks)

    @property
    def fitted(self) -> bool:
        return bool(self._ranks)

    def get_learnt(self) -> dict[str, Any]:
        learnt = self.get_shared()
        return {name: learnt[name] for name in self.declare().fields}

    def get_shared(self) -> dict[str, Any]:
        return {"words": list(self._ranks)} | ({} if self._idf is None else {"idf": self._idf.copy()})

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        words: list[str] = learnt["words"]
        if len(words) > self.options.max_features:
            refuse(
                "adapter.learnt.words", f"{len(words)} words", f"1 to {self.options.max_features} words (max_features)"
            )
        self._ranks = {word: rank for rank, word in enumerate(words, start=1)}
        self._idf = np.array(learnt["idf"]) if "idf" in learnt else None
