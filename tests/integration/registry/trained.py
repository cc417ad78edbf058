"""Small models that are trained in no time, with and without probabilities."""

from functools import cache

from corpus import make_examples
from factories import make_definition
from integration.registry.client import open_run, save
from pipeline.adapters.hashing_adapter import HashingAdapter
from pipeline.models.scikit_model_logistic_regression import ScikitModelLogisticRegression
from pipeline.models.scikit_model_svm import ScikitModelSvm
from pipeline.serialisation.document import SplitDocument, split_document
from pipeline.stores.database import Database
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.train import fit

DEFINITION = make_definition()
"""What the ledger says that they are: the registry reads what a document says."""


@cache
def train_logistic() -> AdaptedModel:
    """Return a model that tells probabilities."""
    return fit(HashingAdapter(n_features=256), ScikitModelLogisticRegression(), make_examples())


@cache
def train_svm() -> AdaptedModel:
    """Return a model that tells none."""
    return fit(HashingAdapter(n_features=256), ScikitModelSvm(), make_examples())


def store(database: Database, model: AdaptedModel, encoding: str = "json", run_id: str = "run-1") -> SplitDocument:
    """Store a model under `DEFINITION` and return its document."""
    document = split_document(model.to_dict(), encoding)
    open_run(database, DEFINITION, run_id=run_id)
    save(database, DEFINITION, run_id, document=document)
    return document
