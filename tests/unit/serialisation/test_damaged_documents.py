"""Damaged documents are refused, or classify as their canary says; nothing else ever happens.

`make fuzz` tries 20,000 of each model, `make test` 200.
"""

import random
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from corpus import UNKNOWN_TEXTS, list_pairs, make_examples, make_small
from fuzzing import FUZZ, patiently
from pipeline.errors import DocumentError
from pipeline.models import models
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.train import fit
from unit.serialisation.mutations import damage, damage_binary

ROUNDS = 200 * FUZZ
TEXTS = [*make_examples(5, seed=3).texts, *UNKNOWN_TEXTS]
MOST_SECONDS = 1.0
MOST_BYTES = 2**30

# What a document could make a careless reader do; each event says so before it happens.
FORBIDDEN = (
    "exec",
    "compile",
    "pickle.find_class",
    "import",
    "open",
    "os.",
    "subprocess.",
    "socket.",
    "shutil.",
    "ctypes.",
)
_watching: list[str] | None = None


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if _watching is not None and event.startswith(FORBIDDEN):
        _watching.append(f"{event} {str(arguments)[:200]}")


sys.addaudithook(_hear)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Note whatever happens in the block that reading a document has no reason to do."""
    global _watching
    _watching = []
    try:
        yield _watching
    finally:
        _watching = None


@cache
def make_documents(model: str) -> list[bytes]:
    """Return small documents of a model, with every adapter that it goes with, in both encodings."""
    documents = []
    for number, (adapter, other) in enumerate(pair for pair in list_pairs() if pair[1].name == model):
        chosen = make_small(other)
        if "calibration" in other.Options.names():
            chosen["calibration"] = (None, "sigmoid", "isotonic")[number % 3]
        adapted = fit(adapter(**make_small(adapter)), other(**chosen), make_examples(18, classes=2 + number % 2))
        documents += [adapted.to_document("json"), adapted.to_document("binary")]
    for document in documents:  # what is imported when a document is first used is no fault of a damaged one
        adapted = AdaptedModel.from_document(document)
        use(adapted)
    return documents


def use(adapted: AdaptedModel) -> list[str]:
    answers = adapted.classify(TEXTS)
    if adapted.model.gives_probabilities:
        adapted.probabilities(TEXTS)
    return answers


def read(document: bytes) -> AdaptedModel | DocumentError:
    """Return what a document gives: an adapted model, or the one error it may be refused with."""
    try:
        return AdaptedModel.from_document(document)
    except DocumentError as error:
        return error


@patiently
@pytest.mark.parametrize("model", models.classes)
def test_a_damaged_document_is_refused_or_answers_its_canary(model: str) -> None:
    documents = make_documents(model)
    draw = random.Random(model)  # noqa: S311
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused = 0
    for number in range(ROUNDS):
        original = draw.choice(documents)
        damaged = (
            damage(original.decode(), draw).encode(errors="surrogatepass")
            if original[:1] == b"{"
            else damage_binary(original, draw)
        )

        with watched() as events:
            started = time.process_time()
            adapted = read(damaged)
            seconds = time.process_time() - started

        assert not events, (number, events)
        assert seconds < MOST_SECONDS, (number, seconds)
        if isinstance(adapted, DocumentError):
            refused += 1
            assert adapted.where
            assert len(str(adapted)) < 1_500
            continue
        assert adapted.canary["answers"] == adapted.classify(adapted.canary["texts"])
        answers = use(adapted)
        assert set(answers) <= set(adapted.model.classes)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_BYTES / 1024
    assert refused > ROUNDS / 2
