"""The datasets that a plan can name, one class per file."""

from pipeline.components.family import Family
from pipeline.datasets.base import Dataset

datasets: Family[Dataset] = Family("dataset", "pipeline.datasets", Dataset)
