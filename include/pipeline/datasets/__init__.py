"""The datasets a plan can name, one class a file."""

from pipeline.datasets.base import Dataset
from pipeline.registry import Registry

datasets: Registry[Dataset] = Registry("dataset", "pipeline.datasets", Dataset)
