"""What the contract tests run in another process: `digests`, or `pairs FOLDER ADAPTER`, printing JSON."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from corpus import UNKNOWN_TEXTS, list_pairs, make_examples, make_small, vary_options
from pipeline.adapters import adapters
from pipeline.models import models
from pipeline.serialisation.document import ENCODINGS
from pipeline.serialisation.json_document import write_json
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.train import fit

MODEL_WIDTH = 6
CLASS_COUNTS = (2, 3)


def digest_documents() -> dict[str, str]:
    """Fit every adapter and model in every way; return a digest of each document."""
    examples = make_examples()
    documents = {}
    for adapter in adapters.classes.values():
        for options in vary_options(adapter):
            fitted = adapter(**options).fit(examples.texts, seed=7)
            documents[repr(fitted)] = write_json(fitted.to_dict())
    features = adapters["WordFrequencyAdapter"](MODEL_WIDTH, 50).fit(examples.texts).transform(examples.texts)
    for model in models.classes.values():
        for options in vary_options(model):
            trained = model(**options).fit(features, examples.classifications, seed=7)
            documents[repr(trained)] = write_json(trained.to_dict())
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in documents.items()}


def train_pairs(adapter_name: str) -> dict[str, AdaptedModel]:
    """Train an adapter with every model that takes what it gives, on two and on three classes, by a name for each."""
    return {
        f"{model.name}-{classes}": fit(
            adapter(**make_small(adapter)), model(**make_small(model)), make_examples(classes=classes), seed=3
        )
        for adapter, model in list_pairs()
        if adapter.name == adapter_name
        for classes in CLASS_COUNTS
    }


def ask(adapted: AdaptedModel) -> list[Any]:
    """Return the classes of some unseen texts and, where the model tells, how likely each class is, to the last bit."""
    texts = [*make_examples(30, seed=1).texts, *UNKNOWN_TEXTS]
    shares = adapted.probabilities(texts).tolist() if adapted.model.gives_probabilities else None
    return [adapted.classify(texts), shares]


def check_pairs(folder: Path, adapter_name: str) -> dict[str, Any]:
    """Train the pairs again, and read every document in a folder; return what the tests compare."""
    return {
        name: {
            encoding: {
                "digest": hashlib.sha256(adapted.to_document(encoding)).hexdigest(),
                "answers": ask(AdaptedModel.from_document((folder / f"{name}.{encoding}").read_bytes())),
            }
            for encoding in ENCODINGS
        }
        for name, adapted in train_pairs(adapter_name).items()
    }


if __name__ == "__main__":
    answer: object = digest_documents() if sys.argv[1] == "digests" else check_pairs(Path(sys.argv[2]), sys.argv[3])
    print(json.dumps(answer))  # noqa: T201
