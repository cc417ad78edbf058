"""The models a plan can name, one class a file."""

from pipeline.models.base import Model
from pipeline.registry import Registry

models: Registry[Model] = Registry("model", "pipeline.models", Model)
