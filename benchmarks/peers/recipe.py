"""A definition in scikit-learn's form: a pipeline of our adapter and scikit-learn's own estimator."""

from collections.abc import Sequence
from typing import Any, Self

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline

from peers.work import Work
from pipeline.adapters import adapters
from pipeline.models import models
from pipeline.models.machinery.scikit import ScikitModel

SVM = "scikit_model_svm"


class AdapterStep(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """One of the product's adapters as a transformer: the same words, the same gensim, the same TF-IDF."""

    def __init__(self, name: str = "", options: dict[str, Any] | None = None, seed: int = 0) -> None:
        self.name = name
        self.options = options
        self.seed = seed

    def fit(self, texts: Sequence[str], classifications: object = None) -> Self:  # noqa: ARG002 - scikit-learn's
        """Learn from the texts."""
        self.adapter_ = adapters[self.name](**(self.options or {})).fit(texts, self.seed)
        return self

    def transform(self, texts: Sequence[str]) -> Any:
        """Return one row for each text."""
        return self.adapter_.transform(texts)


def make_steps(definition: dict[str, Any], seed: int) -> tuple[AdapterStep, Any]:
    """Return a definition's adapter and its scikit-learn estimator, both not fitted.

    Raises:
        TypeError: scikit-learn has no estimator for the model.
    """
    adapter, block = definition["adapter"], definition["model"]
    model = models[block["name"]](**block["options"])
    if not isinstance(model, ScikitModel):
        raise TypeError(f"scikit-learn has no estimator for {block['name']}")
    return AdapterStep(adapter["name"], adapter["options"], seed), _make_estimator(model, seed)


def _make_estimator(model: ScikitModel, seed: int) -> Any:
    if model.name != SVM:
        return model.make_estimator(seed)
    from sklearn.svm import SVC  # also if the product computes it with another library

    options = model.options.model_dump(exclude={"calibration"})
    return SVC(tol=options.pop("tolerance"), random_state=seed, **options)


def measure_accuracy(work: Work, label: str) -> float:
    """Train a definition from scratch, as one task of a naive sweep does, and return its accuracy."""
    adapter, model = make_steps(work.definitions[label], work.seed)
    pipeline = Pipeline([("adapter", adapter), ("model", model)])
    pipeline.fit(work.texts[: work.training], work.classifications[: work.training])
    return float(pipeline.score(work.texts[work.training :], work.classifications[work.training :]))
