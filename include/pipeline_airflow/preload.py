"""Import heavy modules once, before the executor forks, so that no task pays for them."""

import importlib
import sys

MODULES = (
    "numpy",
    "gensim.models.doc2vec",
    "gensim.models.fasttext",
    "gensim.models.word2vec",
    "sklearn.calibration",
    "sklearn.ensemble",
    "sklearn.feature_extraction.text",
    "sklearn.linear_model",
    "sklearn.naive_bayes",
    "sklearn.neural_network",
    "sklearn.svm",
    "psycopg",
    "backports.zstd",
    "safetensors.numpy",
    "cryptography.hazmat.primitives.ciphers.aead",
    "kombu.transport.sqlalchemy",
    "airflow.providers.postgres.hooks.postgres",
    "airflow.sdk.execution_time.task_runner",
    "airflow.sdk.execution_time.supervisor",
)


def preload() -> None:
    """Import `MODULES`; called in a scheduler, whose executor forks every task."""
    for module in MODULES:
        importlib.import_module(module)


if "scheduler" in sys.argv:
    preload()
