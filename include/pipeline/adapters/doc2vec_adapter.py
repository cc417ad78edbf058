"""Turns texts into vectors learnt by Doc2Vec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline.adapters.base import Adapter
from pipeline.adapters.characters import FIRST
from pipeline.adapters.doc2vec_inference import FIRST_RATE, LAST_RATE, Inference, Learn, open_inference
from pipeline.adapters.gensim_training import (
    LARGEST_VALUE,
    REPRODUCIBLE,
    count_known,
    cut,
    load_gensim,
    require_bounded,
    train,
)
from pipeline.adapters.tokenise import tokenise_all, tokenise_each
from pipeline.components.features import Features
from pipeline.components.options import ActiveWhen, OptionSchema
from pipeline.lazy import NDArray, np
from pipeline.serialisation.containers import Array, Listing, Record
from pipeline.serialisation.schema import Text

MOST_WORK = 2**22  # about a millisecond
_MOST_OFTEN = 2**40
_WEIGHTS = Array("float32", ("words", "vector_size"), -LARGEST_VALUE, LARGEST_VALUE)


class Doc2VecAdapter(Adapter):
    """Turns a text into the vector that best predicts the text's known words, or zeros if it has none.

    This is the distributed bag of words or the distributed memory of Le and Mikolov (2014, arXiv:1405.4053) with
    negative sampling, trained by gensim on one thread. The vector of every text, including training texts, is inferred
    in the same number of epochs as training, starting from zeros, with the same random numbers and without skipping
    words. gensim reads at most 10,000 words at once, so a longer text is cut into pieces, from which its vector learns
    in turn.
    """

    name: ClassVar[str] = "Doc2VecAdapter"
    short_name: ClassVar[str] = "doc2vec"
    gives_negative: ClassVar[bool] = True
    libraries: ClassVar[tuple[str, ...]] = ("numpy", "scipy", "gensim")

    class Options(OptionSchema):
        dm: Literal[0, 1] = Field(
            default=0,
            description="0: a text's vector predicts its words (distributed bag of words); 1: together with each "
            "word's neighbours (distributed memory), which needs far more texts.",
        )
        vector_size: int = Field(default=100, ge=1, le=2_000, description="How many numbers a text's vector has.")
        window: Annotated[int, ActiveWhen("dm", (1,))] = Field(
            default=5, ge=1, le=100, description="How far apart two words may be and still count as neighbours."
        )
        epochs: int = Field(
            default=20, ge=1, le=1_000, description="How often the training texts, and later each text, are read."
        )
        min_count: int = Field(
            default=2, ge=1, le=1_000_000, description="Words that occur less often in the training set are unknown."
        )
        negative: int = Field(
            default=5,
            ge=1,
            le=100,
            description="The number of words drawn at random from which each word is distinguished in training.",
        )
        sample: float = Field(
            default=1e-3,
            ge=0,
            lt=1,
            description="Words that make up more than this share of all words are often skipped in training; 0: none.",
        )

        @model_validator(mode="after")
        def _check_work(self) -> Self:
            others = 1 + self.negative + (2 * self.window if self.dm else 0)
            if (work := self.epochs * self.vector_size * others) > MOST_WORK:
                raise ValueError(
                    f"each word of a text would take {work:,} multiplications, epochs × vector_size × (1 + negative), "
                    f"under dm 1 (1 + negative + 2 × window), and at most {MOST_WORK:,} are allowed"
                )
            return self

    learnt: ClassVar[Record] = Record(
        {
            "words": Listing(Text(), size="words", fewest=1, distinct=True),
            "counts": Array("int64", ("words",), 1, _MOST_OFTEN),
            "hidden": _WEIGHTS,
        }
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._counts: dict[str, int] = {}
        self._weights: dict[str, NDArray[np.float32]] = {}
        self._inference: Inference

    def declare(self) -> Record:
        return Record(dict(self.learnt.fields) | ({"vectors": _WEIGHTS} if self.options.dm else {}))

    def fit(self, texts: Sequence[str], seed: int = 0) -> Self:
        doc2vec = load_gensim("doc2vec")
        token_lists = tokenise_all(texts, self.tokeniser)
        counts = count_known(token_lists, self.options.min_count, self.name)
        model = doc2vec.Doc2Vec(**self.options.model_dump(), **REPRODUCIBLE, seed=seed)
        model.dv.index_to_key = list(range(len(texts)))
        pieces = [(piece, number) for number, tokens in enumerate(token_lists) for piece in cut(tokens)]
        corpus = [doc2vec.TaggedDocument(piece, [number]) for piece, number in pieces]
        train(model, corpus, counts, sum(map(len, token_lists)))
        arrays = {"hidden": model.syn1neg} | ({"vectors": model.wv.vectors} if self.options.dm else {})
        require_bounded([*arrays.values()], self.name)
        self.set_learnt({"words": list(counts), "counts": np.array([*counts.values()], dtype=np.int64), **arrays})
        return self

    def transform(self, texts: Sequence[str]) -> Features:
        self.require_fitted()
        features = np.zeros((len(texts), self.width), dtype=np.float32)
        learn = self._inference.begin()
        for row, tokens in enumerate(tokenise_each(texts, self.tokeniser)):
            self._infer(learn, [word for word in tokens if word in self._counts], features[row])
        return features

    def _infer(self, learn: Learn, words: Sequence[str], vector: NDArray[np.float32]) -> None:
        """Learn a text's vector in place, from zeros; gensim starts from Python's `hash`, which differs by process."""
        random = np.random.RandomState(0)
        # with the first tokeniser, only the words that gensim reads at once counted
        pieces = [words] if self.tokeniser == FIRST else cut(words)
        for rate in np.linspace(FIRST_RATE, LAST_RATE, self.options.epochs) if words else ():
            for piece in pieces:
                learn(piece, rate, random, vector)

    @property
    def width(self) -> int:
        return int(self.options.vector_size)

    @property
    def terms(self) -> Sequence[str]:
        return list(self._counts)

    @property
    def fitted(self) -> bool:
        return bool(self._counts)

    def get_learnt(self) -> dict[str, Any]:
        counts = np.array([*self._counts.values()], dtype=np.int64)
        weights = {name: array.copy() for name, array in self._weights.items()}
        return {"words": list(self._counts), "counts": counts, **weights}

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        self._counts = dict(zip(learnt["words"], learnt["counts"].tolist(), strict=True))
        # compiled code reads the arrays by their rows
        self._weights = {
            name: np.array(learnt[name], dtype=np.float32, order="C")
            for name in ("hidden", "vectors")
            if name in learnt
        }
        self._inference = open_inference(self.options, self._counts, self._weights)
