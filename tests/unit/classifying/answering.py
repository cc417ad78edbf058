"""What the tests of classifying share: small models, and files of texts."""

import gzip
from functools import cache
from pathlib import Path
from typing import Any

from corpus import make_examples
from pipeline.adapters.hashing_adapter import HashingAdapter
from pipeline.classifying.classify import classify_file
from pipeline.examples.broken_rows import BrokenRows
from pipeline.loading.source_file import SourceFile
from pipeline.models.scikit_model_linear_svm import ScikitModelLinearSvm
from pipeline.models.scikit_model_logistic_regression import ScikitModelLogisticRegression
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.train import fit

TEXTS = [*make_examples(12).texts]


@cache
def train_logistic() -> AdaptedModel:
    """Return a model that gives probabilities."""
    return fit(HashingAdapter(n_features=256), ScikitModelLogisticRegression(), make_examples())


@cache
def train_svm() -> AdaptedModel:
    """Return a model that gives none."""
    return fit(HashingAdapter(n_features=256), ScikitModelLinearSvm(), make_examples())


def write_file(path: Path, text: str) -> Path:
    """Write a file, packed if its name says so, and return its path."""
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def read_file(path: Path) -> str:
    """Return a file's text, unpacked if its name says so."""
    return (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()


def classify(
    source: Path, output: Path | None, model: AdaptedModel | None = None, **options: Any
) -> tuple[int, BrokenRows]:
    """Classify a file with a model without probabilities, or with another one."""
    with SourceFile(source) as opened:
        return classify_file(model or train_svm(), opened, output, **options)
