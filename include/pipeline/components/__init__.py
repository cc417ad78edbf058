"""Datasets, adapters and models as classes: named, with options, found by name."""

from pipeline.components.component import Component

__all__ = ["Component"]
