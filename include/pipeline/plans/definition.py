"""One definition, and the label made from its canonical text."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline.adapters import adapters
from pipeline.adapters.base import Adapter
from pipeline.components.family import Family
from pipeline.datasets import datasets
from pipeline.datasets.base import Dataset
from pipeline.models import models
from pipeline.models.base import Model

SECTIONS: dict[str, Family[Any]] = {"dataset": datasets, "adapter": adapters, "model": models}
"""The sections of a definition in the order of a plan, each with the family that has its classes."""

DIGEST_LENGTH = 12


@dataclass(frozen=True)
class Definition:
    """A dataset, an adapter and a model, each with every option filled in."""

    dataset: Dataset
    adapter: Adapter
    model: Model

    @classmethod
    def from_dict(cls, definition: dict[str, Any]) -> "Definition":
        """Return the definition that `to_dict` wrote, or one that a person wrote, without the defaults.

        Raises:
            UnknownNameError: no class has a name in it.
            OptionError: a class refuses an option.
        """
        return cls(
            **{
                section: family[definition[section]["name"]](**definition[section]["options"])
                for section, family in SECTIONS.items()
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Return names and options with every default, as JSON values; definitions share their sections' dicts."""
        return {"dataset": self.dataset.block, "adapter": self.adapter.block, "model": self.model.block}

    @property
    def text(self) -> str:
        """The definition as JSON text with every default."""
        return _write(self.adapter.text, self.dataset.text, self.model.text)

    @property
    def canonical(self) -> str:
        """The JSON text that the label is made from: equal definitions have equal texts.

        Numbers and dates are in one form, and options that `Component.canonical` leaves out are not in it.
        """
        return _write(self.adapter.canonical, self.dataset.canonical, self.model.canonical)

    @cached_property
    def label(self) -> str:
        """The definition's unique name, equal for equal definitions on every machine: `word2vec-svm-3f0c8a91b2d4`."""
        digest = hashlib.sha256(self.canonical.encode()).hexdigest()[:DIGEST_LENGTH]
        return f"{self.adapter.short_name}-{self.model.short_name}-{digest}"

    @property
    def recipe(self) -> str:
        """The canonical text without the dataset's moments, equal for one definition trained on several spans.

        For example `SpanDataset` of May and of June, otherwise with the same options, adapter and model: two labels,
        one recipe.
        """
        return _write(self.adapter.canonical, self.dataset.recipe, self.model.canonical)

    @property
    def effective(self) -> tuple[str, str, str]:
        """What decides the training: equal for two definitions that differ only in options that change nothing."""
        return (self.dataset.effective, self.adapter.effective, self.model.effective)


def _write(adapter: str, dataset: str, model: str) -> str:
    return f'{{"adapter":{adapter},"dataset":{dataset},"model":{model}}}'
