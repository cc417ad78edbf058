"""The datasets a plan can name, one class a file."""

from pipeline.components.family import Family
from pipeline.datasets.base import Dataset

datasets: Family[Dataset] = Family("dataset", "pipeline.datasets", Dataset)
