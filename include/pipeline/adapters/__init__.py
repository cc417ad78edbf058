"""The adapters that a plan can name, one class per file."""

from pipeline.adapters.base import Adapter
from pipeline.components.family import Family

adapters: Family[Adapter] = Family("adapter", "pipeline.adapters", Adapter)
