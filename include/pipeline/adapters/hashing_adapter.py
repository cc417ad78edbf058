"""Turns texts into counts of their terms, in columns chosen by a hash."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from pydantic import Field

from pipeline.adapters.base import Adapter
from pipeline.adapters.terms import ANALYZER, NGRAM_RANGE, Analyze, Analyzer, NgramRange, make_analyze, name_units
from pipeline.adapters.weighing import NORM, SUBLINEAR_TF, Norm, count, make_rows, weigh
from pipeline.components.features import Features
from pipeline.components.options import OptionSchema
from pipeline.errors import TrainingError
from pipeline.lazy import np
from pipeline.serialisation.containers import Record


class HashingAdapter(Adapter):
    """Turns a text into its terms' frequencies, each in the column given by the term's hash, scaled to length 1.

    It learns nothing, so it knows every term (Weinberger et al. 2009, arXiv:0902.2206, without their random signs). The
    frequencies of terms that share a column are added up. The hash is scikit-learn's, MurmurHash3.
    """

    name: ClassVar[str] = "HashingAdapter"
    short_name: ClassVar[str] = "hashing"
    gives_negative: ClassVar[bool] = False
    gives_sparse: ClassVar[bool] = True
    knows_any = True
    libraries: ClassVar[tuple[str, ...]] = ("numpy", "scipy", "scikit-learn")
    row_options: ClassVar[frozenset[str]] = frozenset({"n_features", "sublinear_tf", "norm"})

    class Options(OptionSchema):
        n_features: int = Field(
            default=2**15,
            ge=2**8,
            le=2**20,
            description="How many columns all terms share; with more columns, fewer terms share one.",
        )
        analyzer: Analyzer = Field(default="word", description=ANALYZER)
        ngram_range: NgramRange = Field(default=[1, 1], description=NGRAM_RANGE)
        sublinear_tf: bool = Field(default=False, description=SUBLINEAR_TF)
        norm: Norm = Field(default="l2", description=NORM)

    learnt: ClassVar[Record] = Record({})

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._fitted = False

    @cached_property
    def _analyze(self) -> Analyze:
        return make_analyze(self.options.analyzer, self.options.ngram_range, self.tokeniser)

    def fit(self, texts: Sequence[str], seed: int = 0) -> Self:  # noqa: ARG002 - nothing is drawn at random
        if not any(self._analyze(texts)):
            kind = name_units(self.options.analyzer)
            raise TrainingError(
                self.name,
                f"none of {len(texts)} training texts holds a term",
                f"at least one of {self.options.ngram_range[0]} or more {kind} (ngram_range)",
                "choose another span or collection, or a shorter ngram_range",
            )
        self._fitted = True
        return self

    def transform(self, texts: Sequence[str]) -> Features:
        self.require_fitted()
        return make_rows(texts, self._weigh, self.width)

    def _weigh(self, texts: Sequence[str]) -> Any:
        from sklearn.utils import murmurhash3_32

        if self.options.analyzer != "word":
            # half a surrogate pair cannot be encoded as UTF-8, which is what is hashed; words contain none
            texts = [text.encode(errors="replace").decode() for text in texts]
        hashes: list[int] = []
        ends = [0]
        for terms in self._analyze(texts):
            hashes.extend(map(murmurhash3_32, terms))
            ends.append(len(hashes))
        # as FeatureHasher does; in 64 bits even the lowest hash has an absolute value
        counts = count(np.abs(np.array(hashes, dtype=np.int64)) % self.width, ends, self.width)
        return weigh(counts, None, sublinear_tf=self.options.sublinear_tf, norm=self.options.norm)

    @property
    def width(self) -> int:
        return int(self.options.n_features)

    @property
    def terms(self) -> Sequence[str]:
        return ()

    @property
    def fitted(self) -> bool:
        return self._fitted

    def get_learnt(self) -> dict[str, Any]:
        return {}

    def set_learnt(self, learnt: dict[str, Any]) -> None:  # noqa: ARG002 - there is nothing to take over
        self._fitted = True
