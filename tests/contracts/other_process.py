"""What the contract tests run in another process: `digests`, or `classify FILE`, printing JSON."""

import hashlib
import json
import sys
from pathlib import Path

from corpus import UNKNOWN_TEXTS, make_examples, vary_options
from pipeline.adapters import adapters
from pipeline.models import models
from pipeline.serialisation.json_document import write_json
from pipeline.training.adapted_model import AdaptedModel

MODEL_WIDTH = 6


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


def classify_with(documents: list[str]) -> list[list[str]]:
    """Read every document and classify the same unseen texts with it."""
    texts = [*make_examples(30, seed=1).texts, *UNKNOWN_TEXTS]
    return [AdaptedModel.from_json(document).classify(texts) for document in documents]


if __name__ == "__main__":
    if sys.argv[1] == "digests":
        answer: object = digest_documents()
    else:
        answer = classify_with(json.loads(Path(sys.argv[2]).read_text()))
    print(json.dumps(answer))  # noqa: T201
