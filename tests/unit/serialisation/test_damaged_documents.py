"""Damaged documents are refused, or classify; nothing else ever happens."""

import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import UNKNOWN_TEXTS, list_pairs, make_examples, make_options
from pipeline.errors import DocumentError
from pipeline.training.adapted_model import AdaptedModel
from unit.serialisation.mutations import damage

ROUNDS = int(os.environ.get("DAMAGED_DOCUMENTS", "400"))
TEXTS = [*make_examples(5, seed=3).texts, *UNKNOWN_TEXTS]


@pytest.fixture(scope="module")
def documents() -> list[str]:
    """Return a small document of every adapter with every model that takes what it gives."""
    made = []
    for adapter, model in list_pairs():
        options = make_options(adapter)
        if "vector_size" in adapter.Options.model_fields:
            options["vector_size"] = 3
        for classes in (2, 3):
            adapted = AdaptedModel(adapter(**options), model(**make_options(model)))
            made.append(adapted.fit(make_examples(12, classes=classes)).to_json())
    return made


@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_a_damaged_document_is_refused_or_classifies(documents: list[str], seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    adapted = read(damage(draw.choice(documents), draw))
    if isinstance(adapted, DocumentError):
        assert adapted.where
        assert len(str(adapted)) < 1_000
        return

    answers = adapted.classify(TEXTS)

    assert len(answers) == len(TEXTS)
    assert set(answers) <= set(adapted.model.classes)


def test_the_damage_is_found_nearly_always(documents: list[str]) -> None:
    draw = random.Random(1)  # noqa: S311
    outcomes = [read(damage(draw.choice(documents), draw)) for _ in range(200)]

    assert 100 < sum(isinstance(outcome, DocumentError) for outcome in outcomes) < 200


def read(document: str) -> AdaptedModel | DocumentError:
    """Return what a document gives: an adapted model, or the one error it may be refused with."""
    try:
        return AdaptedModel.from_json(document)
    except DocumentError as error:
        return error
