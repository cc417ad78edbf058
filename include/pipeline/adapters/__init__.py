"""The adapters a plan can name, one class a file."""

from pipeline.adapters.base import Adapter
from pipeline.components.registry import Registry

adapters: Registry[Adapter] = Registry("adapter", "pipeline.adapters", Adapter)
