"""Train, score, store and announce every text classifier in a training plan. Imports no Airflow."""

from importlib.metadata import version

__version__ = version("classifier-pipeline")
