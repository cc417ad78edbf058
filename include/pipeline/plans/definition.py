"""One recipe in its canonical form, and the label made from it."""

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
"""The parts of a definition in the order of a plan, each with the family its names come from."""

DIGEST_LENGTH = 12


@dataclass(frozen=True)
class Definition:
    """A dataset, an adapter and a model, each with every option filled in."""

    dataset: Dataset
    adapter: Adapter
    model: Model

    @classmethod
    def from_dict(cls, definition: dict[str, Any]) -> "Definition":
        """Return the definition that `to_dict` described, or one as a person writes it, defaults left out.

        Raises:
            UnknownNameError: a name that is not registered.
            OptionError: an option that its class refuses.
        """
        return cls(
            **{
                section: family[definition[section]["name"]](**definition[section]["options"])
                for section, family in SECTIONS.items()
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Return names and options, every default written out, as JSON values; definitions share their parts."""
        return {"dataset": self.dataset.block, "adapter": self.adapter.block, "model": self.model.block}

    @property
    def text(self) -> str:
        """The recipe as JSON text, every default written out."""
        return _write(self.adapter.text, self.dataset.text, self.model.text)

    @property
    def canonical(self) -> str:
        """The one JSON text of this recipe that its label is made from, numbers and dates in one form.

        It leaves out what `Component.canonical` does.
        """
        return _write(self.adapter.canonical, self.dataset.canonical, self.model.canonical)

    @cached_property
    def label(self) -> str:
        """The recipe's unique name, equal for equal recipes on every machine: `word2vec-svm-3f0c8a91b2d4`."""
        digest = hashlib.sha256(self.canonical.encode()).hexdigest()[:DIGEST_LENGTH]
        return f"{self.adapter.short_name}-{self.model.short_name}-{digest}"

    @property
    def effective(self) -> tuple[str, str, str]:
        """What trains: equal for two definitions that differ only in options that change nothing."""
        return (self.dataset.effective, self.adapter.effective, self.model.effective)


def _write(*parts: str) -> str:
    return '{{"adapter":{},"dataset":{},"model":{}}}'.format(*parts)
