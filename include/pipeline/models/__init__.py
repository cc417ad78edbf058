"""The models a plan can name, one class a file."""

from pipeline.components.registry import Registry
from pipeline.models.base import Model

models: Registry[Model] = Registry("model", "pipeline.models", Model)
