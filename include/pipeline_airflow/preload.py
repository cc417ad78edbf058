"""Import heavy modules once, before the executor forks, so that no task pays for them."""

import importlib
import sys

from airflow.sdk.configuration import conf

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
    """Import `MODULES`; called in the parent of every task: a Celery worker, or the scheduler that has none."""
    for module in MODULES:
        importlib.import_module(module)


if "worker" in sys.argv or ("scheduler" in sys.argv and conf.get("core", "executor") == "LocalExecutor"):
    preload()
