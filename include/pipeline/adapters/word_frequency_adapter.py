"""Turns texts into the frequency ranks of their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from pydantic import Field

from pipeline.adapters.base import Adapter
from pipeline.adapters.tokenise import count_words, rank_sequences, tokenise_each
from pipeline.components.features import Features
from pipeline.components.options import OptionSchema
from pipeline.errors import TrainingError
from pipeline.lazy import np
from pipeline.serialisation.containers import Dictionary, Record
from pipeline.serialisation.schema import Integer, Text, refuse

MOST_WORDS = 10_000_000  # float32 represents every rank exactly


class WordFrequencyAdapter(Adapter):
    """Turns a text into the frequency ranks of its known words, from 1 for the most frequent word; 0 is padding.

    Unknown words are skipped. The `vocabulary_size` most frequent words of the training set are known; of equally
    frequent words, the alphabetically first has the lower rank. A rank says which word occurs at a position, not how
    often, so trees use it better than linear models do, and both learn more from terms (`TfidfAdapter`).
    """

    name: ClassVar[str] = "WordFrequencyAdapter"
    short_name: ClassVar[str] = "word-frequency"
    gives_negative: ClassVar[bool] = False
    row_options: ClassVar[frozenset[str]] = frozenset({"sequence_length"})

    class Options(OptionSchema):
        sequence_length: int = Field(
            ge=1,
            le=100_000,
            description="How many known words of a text count; shorter texts are padded with zeros.",
            json_schema_extra={"examples": [100]},
        )
        vocabulary_size: int = Field(
            ge=1,
            le=MOST_WORDS,
            description="How many of the training set's most frequent words are known.",
            json_schema_extra={"examples": [10_000]},
        )

    learnt: ClassVar[Record] = Record({"index": Dictionary(Text(), Integer(1, MOST_WORDS))})

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.index: dict[str, int] = {}

    def fit(self, texts: Sequence[str], seed: int = 0) -> Self:  # noqa: ARG002 - nothing is drawn at random
        words = count_words(tokenise_each(texts, self.tokeniser))[: self.options.vocabulary_size]
        if not words:
            raise TrainingError(
                self.name,
                f"none of {len(texts)} training texts holds a word",
                "at least one letter or digit",
                "choose another span or collection",
            )
        self.index = {word: rank for rank, (word, _) in enumerate(words, start=1)}
        return self

    def transform(self, texts: Sequence[str]) -> Features:
        self.require_fitted()
        ranks = rank_sequences(texts, self.index, self.options.sequence_length, self.tokeniser)
        return ranks.astype(np.float32)

    @property
    def width(self) -> int:
        return int(self.options.sequence_length)

    @property
    def terms(self) -> Sequence[str]:
        return list(self.index)

    @property
    def fitted(self) -> bool:
        return bool(self.index)

    def get_learnt(self) -> dict[str, Any]:
        return {"index": dict(self.index)}

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        index: dict[str, int] = learnt["index"]
        if not 1 <= len(index) <= self.options.vocabulary_size:
            refuse("adapter.learnt.index", f"{len(index)} words", f"1 to {self.options.vocabulary_size} words")
        if len(set(index.values())) < len(index) or max(index.values()) > len(index):
            refuse(
                "adapter.learnt.index", "ranks that are doubled or too high", f"each rank from 1 to {len(index)} once"
            )
        self.index = dict(index)
