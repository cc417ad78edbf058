"""Turns texts into vectors learnt by Doc2Vec."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pipeline.adapters.base import Adapter
from pipeline.adapters.characters import FIRST
from pipeline.adapters.gensim_training import LARGEST_VALUE, REPRODUCIBLE, count_known, cut, require_bounded, train
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
        self._model: Any = None

    def declare(self) -> Record:
        return Record(dict(self.learnt.fields) | ({"vectors": _WEIGHTS} if self.options.dm else {}))

    def fit(self, texts: Sequence[str], seed: int = 0) -> Self:
        from gensim.models.doc2vec import Doc2Vec, TaggedDocument

        token_lists = tokenise_all(texts, self.tokeniser)
        counts = count_known(token_lists, self.options.min_count, self.name)
        model = Doc2Vec(**self.options.model_dump(), **REPRODUCIBLE, seed=seed)
        model.dv.index_to_key = list(range(len(texts)))
        corpus = [TaggedDocument(piece, [number]) for number, tokens in enumerate(token_lists) for piece in cut(tokens)]
        train(model, corpus, counts, sum(map(len, token_lists)))
        arrays = {"hidden": model.syn1neg} | ({"vectors": model.wv.vectors} if self.options.dm else {})
        require_bounded([*arrays.values()], self.name)
        self.set_learnt({"words": list(counts), "counts": np.array([*counts.values()], dtype=np.int64), **arrays})
        return self

    def transform(self, texts: Sequence[str]) -> Features:
        self.require_fitted()
        features = np.zeros((len(texts), self.width), dtype=np.float32)
        # gensim draws random numbers from its model, which other threads that transform at the same time would share
        model = copy(self._model)
        model.random = np.random.RandomState(0)
        for row, tokens in enumerate(tokenise_each(texts, self.tokeniser)):
            self._infer(model, [word for word in tokens if word in self._counts], features[row : row + 1])
        return features

    def _infer(self, model: Any, words: Sequence[str], vector: NDArray[np.float32]) -> None:
        """Learn a text's vector in place, from zeros; gensim starts from Python's `hash`, which differs by process."""
        from gensim.models.doc2vec import train_document_dbow, train_document_dm

        model.random.seed(0)
        # with the first tokeniser, only the words that gensim reads at once counted
        pieces = [words] if self.tokeniser == FIRST else cut(words)
        learn = train_document_dm if self.options.dm else train_document_dbow
        # If gensim allocates its working memory itself, it frees it while still in use.
        work = {name: np.zeros_like(vector) for name in (("work", "neu1") if self.options.dm else ("work",))}
        held = {"learn_words": False, "learn_hidden": False, "doctag_vectors": vector, **work}
        for alpha in np.linspace(model.alpha, model.min_alpha, self.options.epochs) if words else ():
            for piece in pieces:
                learn(model, piece, [0], alpha, doctags_lockf=model.dv.vectors_lockf, **held)

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
        vectors = {"vectors": self._model.wv.vectors.copy()} if self.options.dm else {}
        return {"words": list(self._counts), "counts": counts, "hidden": self._model.syn1neg.copy(), **vectors}

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        from gensim.models.doc2vec import Doc2Vec

        counts = dict(zip(learnt["words"], learnt["counts"].tolist(), strict=True))
        # Every word keeps the row that it has in the arrays, because compiled code reads them by these rows.
        model = Doc2Vec(**self.options.model_dump() | {"min_count": 1, "sample": 0}, **REPRODUCIBLE)
        model.raw_vocab = counts
        model.prepare_vocab()
        model.syn1neg = np.array(learnt["hidden"], dtype=np.float32, order="C")
        # the distributed bag of words reads no word's vector
        model.wv.vectors = np.array(learnt.get("vectors", model.syn1neg[:1]), dtype=np.float32, order="C")
        self._counts, self._model = counts, model
