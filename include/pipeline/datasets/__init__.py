"""The datasets a plan can name, one class a file."""

from pipeline.components.registry import Registry
from pipeline.datasets.base import Dataset

datasets: Registry[Dataset] = Registry("dataset", "pipeline.datasets", Dataset)
