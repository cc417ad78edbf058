"""Turns texts into word vectors learnt by FastText, which also gives unknown words a vector."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from pipeline.adapters.gensim_training import LARGEST_VALUE, load_gensim
from pipeline.adapters.ngram_hashes import hash_ngrams
from pipeline.adapters.pooling import average
from pipeline.adapters.word_vectors import Pooling, WordVectorAdapter, WordVectorOptions
from pipeline.lazy import NDArray, np
from pipeline.serialisation.containers import Array, Record
from pipeline.serialisation.schema import refuse

_MOST_BUCKETS = 2_000_000


class FastTextAdapter(WordVectorAdapter):
    """Turns a text into its words' vectors; an unknown word's vector is computed from its character n-grams.

    FastText learns a vector for each word and for each bucket of character n-grams (Bojanowski et al. 2017,
    doi:10.1162/tacl_a_00051), trained by gensim on one thread. The vector of a known word is the mean of its own and
    its n-grams' vectors. That of an unknown word is the mean of those of its n-grams that occur in words of the
    training set; a word without any is skipped.
    """

    name: ClassVar[str] = "FastTextAdapter"
    short_name: ClassVar[str] = "fasttext"
    gives_negative: ClassVar[bool] = True
    knows_any = True

    class Options(WordVectorOptions):
        pooling: Pooling = "mean"
        min_n: int = Field(
            default=3,
            ge=1,
            le=20,
            description="How many characters the shortest n-grams have; a word's start and end count as one each.",
        )
        max_n: int = Field(default=6, ge=1, le=20, description="How many characters the longest n-grams have.")
        bucket: int = Field(
            default=20_000,
            ge=1,
            le=_MOST_BUCKETS,
            description="How many vectors all n-grams share, assigned by a hash; those in use are stored.",
        )

        @model_validator(mode="after")
        def _check_order(self) -> Self:
            if self.min_n > self.max_n:
                raise ValueError(f"min_n ({self.min_n}) must not be above max_n ({self.max_n})")
            return self

    embeds_unknown: ClassVar[bool] = True
    learnt: ClassVar[Record] = Record(
        {
            **WordVectorAdapter.learnt.fields,
            "buckets": Array("int32", ("buckets",), 0, _MOST_BUCKETS - 1),
            "ngrams": Array("float32", ("buckets", "vector_size"), -LARGEST_VALUE, LARGEST_VALUE),
        }
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._buckets: dict[int, int] = {}

    @cached_property
    def _ngrams(self) -> NDArray[np.float32]:
        """The vectors of the buckets that are learnt; none before training."""
        return self._padding[1:]

    def make_model(self, options: dict[str, Any]) -> Any:
        return load_gensim("fasttext").FastText(**options)

    def read_model(self, model: Any) -> dict[str, Any]:
        # buckets of no word in the training set still hold random numbers
        buckets = np.unique(np.concatenate(model.wv.buckets_word)).astype(np.int32)
        return super().read_model(model) | {"buckets": buckets, "ngrams": model.wv.vectors_ngrams[buckets]}

    def embed(self, words: Sequence[str]) -> tuple[list[str], NDArray[np.float32]]:
        lengths_and_buckets = (self.options.min_n, self.options.max_n, self.options.bucket)
        found = {}
        for word in words:
            hashes = hash_ngrams(word, *lengths_and_buckets)
            if rows := [self._buckets[each] for each in hashes if each in self._buckets]:
                found[word] = rows
        return list(found), average(self._ngrams, list(found.values()))

    def get_shared(self) -> dict[str, Any]:
        buckets = np.array([*self._buckets], dtype=np.int32)
        return super().get_shared() | {"buckets": buckets, "ngrams": self._ngrams.copy()}

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        buckets = learnt["buckets"]
        if (np.diff(buckets) <= 0).any() or (buckets >= self.options.bucket).any():
            refuse(
                "adapter.learnt.buckets",
                "numbers that are out of order or too high",
                f"rising numbers below {self.options.bucket} (bucket)",
            )
        super().set_learnt(learnt)
        self._buckets = {bucket: row for row, bucket in enumerate(buckets.tolist())}
        self._ngrams = np.array(learnt["ngrams"])
