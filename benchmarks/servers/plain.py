"""The peers' models: pipelines of scikit-learn, written as one writes them, with the numbers that ours has learnt.

Imports nothing of the product: the peers' environments have only scikit-learn and gensim.
"""

import re
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from gensim.models import KeyedVectors
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

WORD = r"(?u)[^\W_]+(?:'[^\W_]+)*"
"""scikit-learn's own pattern leaves out words of one letter, and its answers would be others."""


class MeanVectors(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns a text into the mean of its first known words' vectors."""

    def __init__(self, vectors: KeyedVectors, longest: int) -> None:
        self.vectors = vectors
        self.longest = longest
        self._word = re.compile(WORD)

    def fit(self, texts: Sequence[str], classes: object = None) -> Self:  # noqa: ARG002 - scikit-learn's
        """Nothing: the vectors are learnt already."""
        return self

    def transform(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row for each text."""
        numbers, table = self.vectors.key_to_index, self.vectors.vectors
        rows = np.zeros((len(texts), table.shape[1]), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            known = [numbers[word] for word in self._word.findall(text.lower()) if word in numbers]
            if known:
                row[:] = table[known[: self.longest]].mean(axis=0)
        return rows


def make_tfidf(words: list[str], idf: NDArray[Any], estimator: Any) -> Pipeline:
    """Return TF-IDF over known words, and an estimator that is fitted."""
    vectorizer = TfidfVectorizer(vocabulary=words, token_pattern=WORD)
    vectorizer.idf_ = idf
    return Pipeline([("vectorizer", vectorizer), ("estimator", estimator)])


def make_word2vec(words: list[str], table: NDArray[Any], longest: int, estimator: Any) -> Pipeline:
    """Return means of word vectors, and an estimator that is fitted."""
    vectors = KeyedVectors(table.shape[1])
    vectors.add_vectors(words, table)
    return Pipeline([("vectors", MeanVectors(vectors, longest)), ("estimator", estimator)])


def make_estimator(kind: str, classes: list[str], coef: NDArray[Any], intercept: NDArray[Any]) -> Any:
    """Return scikit-learn's estimator of a kind with these coefficients."""
    estimator = {"linear_svm": LinearSVC, "logistic_regression": LogisticRegression}[kind]()
    estimator.classes_ = np.array(classes)
    estimator.coef_, estimator.intercept_ = coef, intercept
    estimator.n_features_in_ = coef.shape[1]
    return estimator


def classify(pipeline: Pipeline, texts: list[str]) -> list[dict[str, Any]]:
    """Return what our service tells of each text too: its class, and the probabilities where there are any."""
    if not hasattr(pipeline, "predict_proba"):
        return [{"classification": name} for name in pipeline.predict(texts).tolist()]
    classes = pipeline.classes_.tolist()
    return [
        {"classification": classes[row.argmax()], "probabilities": dict(zip(classes, row.tolist(), strict=True))}
        for row in pipeline.predict_proba(texts)
    ]
