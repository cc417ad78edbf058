"""The recipes that are served: trained, and written as a document for us and as a pipeline for the peers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import joblib
import numpy as np

from pipeline.adapters import adapters
from pipeline.examples.example import ExampleSet
from pipeline.models import models
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.train import fit
from servers.plain import make_estimator, make_tfidf, make_word2vec

DOCUMENT, PIPELINE = "model.document", "model.joblib"


@dataclass(frozen=True, slots=True)
class Recipe:
    """An adapter, a model, and scikit-learn's name of its estimator."""

    adapter: str
    options: Mapping[str, Any]
    model: str
    estimator: str


RECIPES: Final = {
    "tfidf": Recipe("TfidfAdapter", {"min_df": 2, "max_features": 20_000}, "scikit_model_linear_svm", "linear_svm"),
    "word2vec": Recipe(
        "Word2VecAdapter",
        {"sequence_length": 200, "vector_size": 100, "pooling": "mean", "epochs": 20},
        "scikit_model_logistic_regression",
        "logistic_regression",
    ),
}
TITLES: Final = {"tfidf": "TF-IDF and a linear SVM", "word2vec": "word2vec and logistic regression"}


def write_models(recipe: Recipe, texts: list[str], classes: list[str], folder: Path) -> AdaptedModel:
    """Train a recipe, and write its document and the peers' pipeline into a folder; return it as read again."""
    folder.mkdir()
    adapter = adapters[recipe.adapter](**recipe.options)
    document = fit(adapter, models[recipe.model](), ExampleSet(texts, classes, [], [])).to_document("binary")
    (folder / DOCUMENT).write_bytes(document)
    trained = AdaptedModel.from_document(document)
    joblib.dump(_make_pipeline(recipe, trained), folder / PIPELINE)
    return trained


def _make_pipeline(recipe: Recipe, trained: AdaptedModel) -> Any:
    learnt, weights = trained.adapter.get_learnt(), trained.model.get_learnt()
    kind = np.float32 if recipe.estimator == "logistic_regression" else np.float64  # as ours computes
    coef, intercept = (np.array(weights[name], dtype=kind) for name in ("coef", "intercept"))
    estimator = make_estimator(recipe.estimator, trained.model.classes, coef, intercept)
    if "idf" in learnt:
        return make_tfidf(learnt["words"], learnt["idf"], estimator)
    return make_word2vec(learnt["words"], learnt["vectors"], recipe.options["sequence_length"], estimator)
