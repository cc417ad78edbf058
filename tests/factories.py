"""Things to test with, each with sensible contents and keyword overrides."""

import copy
from typing import Any

from pipeline.examples.answers import SealedAnswers, seal_answers
from pipeline.plans import Definition, Expansion, expand
from pipeline.plans.settings import Settings
from pipeline.serialisation.document import SplitDocument, split_document
from pipeline.stores.models.evaluations import Evaluation
from pipeline.stores.models.store import TrainedModel

PLAN: dict[str, Any] = {
    "dataset": {
        "name": "SpanDataset",
        "options": {
            "start_datetime_str": ["2016-1-1"],
            "end_datetime_str": ["2016-1-2"],
            "training_ratio": [0.8],
        },
    },
    "adapter": {"name": "Word2VecAdapter", "options": {"sequence_length": [50, 100]}},
    "model": {"name": "scikit_model_svm", "options": {"kernel": ["rbf"], "degree": [3, 4], "tolerance": [1e-3]}},
}


def make_plan(**overrides: Any) -> dict[str, Any]:
    """Return the four-definition plan; `model__options__kernel=["poly"]` replaces a value, `...` removes it."""
    plan = copy.deepcopy(PLAN)
    for path, value in overrides.items():
        *parents, key = path.split("__")
        place = plan
        for parent in parents:
            place = place[parent]
        if value is ...:
            del place[key]
        else:
            place[key] = value
    return plan


def list_labels(plan: Any) -> list[str]:
    """Return the labels of a plan's definitions, in order."""
    return [definition.label for definition in expand(plan).definitions]


def make_definition(*, sequence_length: int = 8, kernel: str = "linear") -> Definition:
    """Return a definition over January 2016."""
    return Definition.from_dict(
        {
            "dataset": {
                "name": "SpanDataset",
                "options": {
                    "start_datetime_str": "2016-1-1",
                    "end_datetime_str": "2016-2-1",
                    "training_ratio": 0.8,
                },
            },
            "adapter": {
                "name": "WordFrequencyAdapter",
                "options": {"sequence_length": sequence_length, "vocabulary_size": 100},
            },
            "model": {"name": "scikit_model_svm", "options": {"kernel": kernel}},
        }
    )


def make_expansion(*definitions: Definition, **overrides: Any) -> Expansion:
    """Return what a plan of exactly these definitions means."""
    values: dict[str, Any] = {
        "settings": Settings(),
        "permutations": len(definitions),
        "exclusions": [],
        "repeated": 0,
        "definitions": list(definitions),
        "duplicates": {},
        "same_model": 0,
        "warnings": [],
    }
    return Expansion(**(values | overrides))


def make_document(*, encoding: str = "json", adapter: str = "an adapter", model: str = "a model") -> SplitDocument:
    """Return the two parts of a document that holds two texts."""
    return split_document({"adapter": {"text": adapter}, "model": {"text": model}}, encoding)


def make_answers(answers: str = "aaab", truths: str = "aabb") -> SealedAnswers:
    """Return sealed answers to examples whose classes, one letter each, are `truths`."""
    digests = [number.to_bytes(16, "big") for number in range(len(truths))]
    return seal_answers(bytes(32), digests, truths, answers)


def make_trained_model(definition: Definition, run_id: str = "run-1", **overrides: Any) -> TrainedModel:
    """Return what training a definition leaves behind."""
    values: dict[str, Any] = {
        "run_id": run_id,
        "label": definition.label,
        "definition": definition.to_dict(),
        "document": make_document(),
        "scores": {
            "accuracy": 0.9,
            "macro_f1": 0.8,
            "accuracy_interval": [0.8, 0.95],
            "baseline_accuracy": 0.5,
        },
        "answers": make_answers(),
        "lineage": {"seed": 0},
        "step_seconds": {"fit_model": 0.5, "fetch": 0.25},
    }
    return TrainedModel(**(values | overrides))


def make_evaluation(label: str, version: int = 1, run_id: str = "evaluated", **overrides: Any) -> Evaluation:
    """Return what evaluating a model of `make_trained_model` leaves behind, on two newer examples."""
    answers = overrides.pop("answers", make_answers("ab", "aa"))
    values: dict[str, Any] = {
        "run_id": run_id,
        "label": label,
        "version": version,
        "document_sha256": make_document().sha256,
        "dataset": None,
        "collection": "default",
        "examples": {
            "digest": answers.testing_set.hex(),
            "count": len(answers.examples) // 16,
            "first": "2016-02-01T00:00:00+00:00",
            "last": "2016-02-02T00:00:00+00:00",
            "unknown": 0,
            "perhaps_trained": 0,
        },
        "answers": answers,
        "scores": {
            "accuracy": 0.5,
            "macro_f1": 0.4,
            "accuracy_interval": [0.1, 0.9],
            "baseline_accuracy": 0.75,
            "per_class": {},
            "marks": [],
        },
        "seconds": 0.25,
    }
    return Evaluation(**(values | overrides))
