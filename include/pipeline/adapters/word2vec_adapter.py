"""Words as vectors learnt by Word2Vec."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.adapters.base import Adapter, Features
from pipeline.adapters.tokenise import count_words, rank_sequences, tokenise
from pipeline.errors import TrainingError
from pipeline.options import OptionSchema
from pipeline.serialisation.containers import Array, Listing, Record
from pipeline.serialisation.schema import Text

# Far beyond what training gives, and so small that no sum of vectors can overflow.
_LARGEST_VALUE = 1e9


class Word2VecAdapter(Adapter):
    """Turns a text into its known words' vectors, learnt from the training set's texts; unknown words are skipped.

    Word2Vec is continuous bag-of-words with negative sampling (Mikolov et al. 2013, arXiv:1301.3781 and
    arXiv:1310.4546) as gensim trains it, on one thread, so that the same texts and seed give the same vectors.
    """

    name: ClassVar[str] = "Word2VecAdapter"
    short_name: ClassVar[str] = "word2vec"
    gives_negative: ClassVar[bool] = True

    class Options(OptionSchema):
        sequence_length: int = Field(
            ge=1,
            le=10_000,
            description="How many known words of a text count; later ones are left out.",
            json_schema_extra={"examples": [100]},
        )
        vector_size: int = Field(default=100, ge=1, le=2_000, description="How many numbers stand for one word.")
        window: int = Field(
            default=5, ge=1, le=100, description="How far apart two words may stand and still be neighbours."
        )
        epochs: int = Field(default=5, ge=1, le=1_000, description="How often the training texts are read.")
        min_count: int = Field(
            default=2,
            ge=1,
            le=1_000_000,
            description="Words that occur less often in the training set are unknown.",
        )
        pooling: Literal["sequence", "mean"] = Field(
            default="sequence",
            description="sequence: the words' vectors one after the other, zeros at the end; mean: their average.",
        )

    learnt: ClassVar[Record] = Record(
        {
            "words": Listing(Text(), size="words", fewest=1, distinct=True),
            "vectors": Array("float32", ("words", "vector_size"), -_LARGEST_VALUE, _LARGEST_VALUE),
        }
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._ranks: dict[str, int] = {}
        self._table: NDArray[np.float32] = np.zeros((1, self.options.vector_size), dtype=np.float32)

    def fit(self, texts: Sequence[str], seed: int = 0) -> Self:
        from gensim.models import Word2Vec

        token_lists = [tokenise(text) for text in texts]
        counts = {word: count for word, count in count_words(token_lists) if count >= self.options.min_count}
        if not counts:
            raise TrainingError(
                self.name,
                f"no word is left after tokenising {len(texts)} training texts",
                f"at least one word that occurs {self.options.min_count} times (min_count)",
                "choose another span or collection, or a lower min_count",
            )
        word2vec = Word2Vec(
            vector_size=self.options.vector_size,
            window=self.options.window,
            min_count=self.options.min_count,
            seed=seed,
            workers=1,
            sorted_vocab=0,  # gensim's sort leaves equally frequent words in an order that depends on the CPU
        )
        word2vec.build_vocab_from_freq(counts, corpus_count=len(token_lists))
        word2vec.train(
            token_lists,
            total_examples=len(token_lists),
            total_words=sum(map(len, token_lists)),
            epochs=self.options.epochs,
        )
        vectors = np.asarray(word2vec.wv.vectors, dtype=np.float32)
        if not np.abs(vectors).max() <= _LARGEST_VALUE:
            raise TrainingError(self.name, "the vectors grew beyond bounds", next_step="train fewer epochs")
        self._set_vectors(list(word2vec.wv.index_to_key), vectors)
        return self

    def _set_vectors(self, words: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self._ranks = {word: rank for rank, word in enumerate(words, start=1)}
        self._table = np.vstack([np.zeros((1, vectors.shape[1]), dtype=np.float32), vectors])

    def transform(self, texts: Sequence[str]) -> Features:
        self.require_fitted()
        sequences = rank_sequences(texts, self._ranks, self.options.sequence_length)
        if self.options.pooling == "sequence":
            return self._table[sequences].reshape(len(texts), self.width)
        means = np.zeros((len(texts), self.width), dtype=np.float32)
        for row, known in enumerate(np.count_nonzero(sequences, axis=1)):
            if known:
                means[row] = self._table[sequences[row, :known]].mean(axis=0)
        return means

    @property
    def width(self) -> int:
        words = self.options.sequence_length if self.options.pooling == "sequence" else 1
        return int(words * self.options.vector_size)

    @property
    def fitted(self) -> bool:
        return bool(self._ranks)

    def get_learnt(self) -> dict[str, Any]:
        return {"words": list(self._ranks), "vectors": self._table[1:].copy()}

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        self._set_vectors(learnt["words"], learnt["vectors"])
