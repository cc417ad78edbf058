"""The models that a plan can name, one class per file."""

from pipeline.components.family import Family
from pipeline.models.base import Model

models: Family[Model] = Family("model", "pipeline.models", Model)
