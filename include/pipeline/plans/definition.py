"""One recipe in its canonical form, and the label made from it."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline.adapters import adapters
from pipeline.adapters.base import Adapter
from pipeline.datasets import datasets
from pipeline.datasets.base import Dataset
from pipeline.models import models
from pipeline.models.base import Model
from pipeline.registry import Registry

SECTIONS: dict[str, Registry[Any]] = {"dataset": datasets, "adapter": adapters, "model": models}
"""The parts of a definition in the order of a plan, each with the registry its names come from."""

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
            RegistryError: a name that is not registered.
            OptionError: an option that its class refuses.
        """
        return cls(
            **{
                section: registry[definition[section]["name"]](**definition[section]["options"])
                for section, registry in SECTIONS.items()
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Return names and options, every default written out, as JSON values."""
        parts = {"dataset": self.dataset, "adapter": self.adapter, "model": self.model}
        return {
            section: {"name": part.name, "options": part.options.model_dump(mode="json")}
            for section, part in parts.items()
        }

    @cached_property
    def label(self) -> str:
        """The recipe's unique name, equal for equal recipes on every machine: `word2vec-svm-3f0c8a91b2d4`."""
        canonical = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode()).hexdigest()[:DIGEST_LENGTH]
        return f"{self.adapter.short_name}-{self.model.short_name}-{digest}"
