"""The base class of adapters that learn a vector for each word."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from pipeline.adapters.base import Adapter
from pipeline.adapters.gensim_training import LARGEST_VALUE, REPRODUCIBLE, Pieces, count_known, require_bounded, train
from pipeline.adapters.pooling import average, line_up
from pipeline.adapters.tokenise import rank_words, tokenise_all
from pipeline.adapters.weighing import IDF, find_idf
from pipeline.components.features import Features
from pipeline.components.options import Added, OptionSchema
from pipeline.lazy import NDArray, np
from pipeline.serialisation.containers import Array, Listing, Record
from pipeline.serialisation.schema import Text

_POOLING = frozenset({"sequence_length", "pooling"})


Pooling = Annotated[
    Literal["sequence", "mean", "tfidf_mean"],
    Field(
        description="sequence: the words' vectors one after the other, padded with zeros; mean: their average; "
        "tfidf_mean: their average in which rarer words count more."
    ),
]
"""How the vectors of a text's words are combined to the text's row."""


class WordVectorOptions(OptionSchema):
    """The options of every adapter that learns word vectors; a subclass's own options come after them."""

    sequence_length: int = Field(
        ge=1,
        le=10_000,
        description="How many known words of a text count; later ones are left out.",
        json_schema_extra={"examples": [100]},
    )
    vector_size: int = Field(default=100, ge=1, le=2_000, description="How many numbers a word's vector has.")
    window: int = Field(
        default=5, ge=1, le=100, description="How far apart two words may be and still count as neighbours."
    )
    epochs: int = Field(default=5, ge=1, le=1_000, description="How often the training texts are read.")
    min_count: int = Field(
        default=2,
        ge=1,
        le=1_000_000,
        description="Words that occur less often in the training set are unknown.",
    )
    pooling: Pooling = "sequence"
    sg: Annotated[Literal[0, 1], Added()] = Field(
        default=0,
        description="0: a word is learnt from all its neighbours at once (cbow); 1: from one at a time (skip-gram), "
        "which takes several times as long.",
    )
    negative: Annotated[int, Added()] = Field(
        default=5,
        ge=1,
        le=100,
        description="The number of words drawn at random from which each word is distinguished in training.",
    )
    sample: Annotated[float, Added()] = Field(
        default=1e-3,
        ge=0,
        lt=1,
        description="Words that make up more than this share of all words are often skipped in training; 0: none.",
    )


class WordVectorAdapter(Adapter):
    """Turns a text into the vectors of its first words, which gensim learns from the training set's texts.

    A subclass makes the gensim model in `make_model`. If it learns more than word vectors, it extends `learnt` and
    `read_model`. With `tfidf_mean`, each occurrence of a word is weighted by the word's inverse document frequency, in
    the smoothed form of `TfidfAdapter`.
    """

    libraries: ClassVar[tuple[str, ...]] = ("numpy", "scipy", "gensim")
    row_options: ClassVar[frozenset[str]] = _POOLING
    embeds_unknown: ClassVar[bool] = False
    """Whether `embed` can have vectors for words that do not occur in the training set."""
    learnt: ClassVar[Record] = Record(
        {
            "words": Listing(Text(), size="words", fewest=1, distinct=True),
            "vectors": Array("float32", ("words", "vector_size"), -LARGEST_VALUE, LARGEST_VALUE),
        }
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._ranks: dict[str, int] = {}  # from 1
        self._idf: NDArray[np.float64] | None = None
        self._weights: NDArray[np.float32] | None = None

    # made when first used, since a plan is checked by making adapters
    @cached_property
    def _padding(self) -> NDArray[np.float32]:
        return np.zeros((1, self.options.vector_size), dtype=np.float32)

    @cached_property
    def _table(self) -> NDArray[np.float32]:
        """The padding, then the vectors that are learnt by the ranks of their words; none before training."""
        return self._padding

    @abstractmethod
    def make_model(self, options: dict[str, Any]) -> Any:
        """Return a gensim model with these options that has not been trained."""

    def read_model(self, model: Any) -> dict[str, Any]:
        """Return the arrays that a trained gensim model has learnt: `vectors`, and what the subclass adds."""
        return {"vectors": np.asarray(model.wv.vectors, dtype=np.float32)}

    def embed(self, words: Sequence[str]) -> tuple[list[str], NDArray[np.float32]]:  # noqa: ARG002 - for subclasses
        """Return which of these unknown words have a vector nevertheless, and those vectors."""
        return [], self._padding[1:]

    def declare(self) -> Record:
        tail = {"idf": IDF} if self.options.pooling == "tfidf_mean" else {}
        return Record(dict(self.learnt.fields) | tail)

    def fit(self, texts: Sequence[str], seed: int = 0) -> Self:
        token_lists = tokenise_all(texts, self.tokeniser)
        counts = count_known(token_lists, self.options.min_count, self.name)
        options = {name: value for name, value in self.options if name not in _POOLING}
        model = self.make_model({**options, **REPRODUCIBLE, "seed": seed})
        train(model, Pieces(token_lists), counts, sum(map(len, token_lists)))
        arrays = self.read_model(model)
        require_bounded([*arrays.values()], self.name)
        holding = Counter(chain.from_iterable(map(set, token_lists)))
        arrays["idf"] = find_idf(map(holding.__getitem__, counts), len(texts))
        self.set_learnt({"words": list(counts), **arrays})
        return self

    def transform(self, texts: Sequence[str]) -> Features:
        self.require_fitted()
        token_lists = tokenise_all(texts, self.tokeniser)
        ranks, table, weights = self._look_up(token_lists)
        length = self.options.sequence_length
        places = [rank_words(tokens, ranks, length) for tokens in token_lists]
        if self.options.pooling == "sequence":
            return line_up(table, places, length)
        return average(table, places, weights if self.options.pooling == "tfidf_mean" else None)

    def _look_up(
        self, token_lists: Sequence[Sequence[str]]
    ) -> tuple[dict[str, int], NDArray[np.float32], NDArray[np.float32] | None]:
        """Return the ranks of words, and by rank the padding's and their vectors and weights.

        They are those that are learnt, unless the texts hold unknown words that have a vector.
        """
        words = list(dict.fromkeys(chain.from_iterable(token_lists))) if self.embeds_unknown else []
        others, vectors = self.embed([word for word in words if word not in self._ranks])
        if not others:
            return self._ranks, self._table, self._weights
        known = [word for word in words if word in self._ranks]
        rows = [self._ranks[word] for word in known]
        table = np.concatenate([self._padding, self._table[rows], vectors])
        ranks = {word: rank for rank, word in enumerate([*known, *others], start=1)}
        if self._weights is None:
            return ranks, table, None
        # unknown words count as rare as the rarest known word
        rarest = np.full(len(others), self._weights.max())
        return ranks, table, np.concatenate([self._weights[[0, *rows]], rarest])

    @property
    def width(self) -> int:
        words = self.options.sequence_length if self.options.pooling == "sequence" else 1
        return int(words * self.options.vector_size)

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
        tail = {} if self._idf is None else {"idf": self._idf.copy()}
        return {"words": list(self._ranks), "vectors": self._table[1:].copy(), **tail}

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        self._ranks = {word: rank for rank, word in enumerate(learnt["words"], start=1)}
        self._table = np.concatenate([self._padding, learnt["vectors"]])
        self._idf = np.array(learnt["idf"]) if "idf" in learnt else None
        self._weights = None if self._idf is None else np.concatenate([[0.0], self._idf]).astype(np.float32)
