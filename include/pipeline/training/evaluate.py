"""Score a stored model on examples: from its document to its scores. Nothing is trained."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np

from pipeline.cache.cache import Cache
from pipeline.clock import Clock
from pipeline.examples.answers import SealedAnswers, cut, encrypt_ids, seal_answers
from pipeline.examples.identity import to_microseconds
from pipeline.log import get_logger
from pipeline.serialisation.document import SplitDocument, join_document
from pipeline.stores.models.evaluations import Trained
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.kinds import FEATURES
from pipeline.training.lineage import list_versions
from pipeline.training.marks import MARKS, NOT_CONVERGED, PERHAPS_TRAINED, UNKNOWN_CLASSES, list_marks
from pipeline.training.scores import Scores, score
from pipeline.training.testing_data import TestingData

log = get_logger(__name__)

_MOST_ADAPTED_BYTES: Final = 2**28
"""Features that take more are made and answered in batches, and not shared."""


@dataclass(frozen=True)
class Evaluated:
    """The result of an evaluation.

    Attributes:
        scores: of the answers. Their baseline is that of always answering the most frequent class of these examples:
            what was most frequent in training is not stored.
        answers: encrypted.
        examples: what is stored about the examples, see `Evaluation`.
    """

    scores: Scores
    answers: SealedAnswers
    examples: dict[str, Any]


def evaluate_model(
    document: SplitDocument,
    trained: Trained,
    testing: TestingData,
    collection: str,
    digest_key: bytes,
    cache: Cache,
    clock: Clock,
) -> Evaluated:
    """Let a stored model answer examples, and score its answers. Each step is logged with its duration.

    An example of a class that the model does not know counts as wrong.

    Args:
        document: the model.
        trained: what is known of the examples that trained it.
        testing: the examples, at least one.
        collection: of these examples.
        digest_key: the key ring's, with which answers are sealed.
        cache: shares features among models with the same adapter.
        clock: measures each step.

    Raises:
        DocumentError: the document is refused, or its model no longer answers as after training.
    """
    truths = testing.data.classes
    with clock.step("read_document"):
        adapted = AdaptedModel.from_dict(join_document(document))
    with clock.step("test"):
        answers = _answer(adapted, document, testing, cache)
    with clock.step("score"):
        scores = score(truths, truths, answers, known=adapted.model.classes)
        sealed = seal_answers(digest_key, testing.data.digests, truths, answers)
        known = {*adapted.model.classes}
        account = testing.data.account | {
            "unknown": sum(name not in known for name in truths),
            "perhaps_trained": _count_perhaps_trained(trained, testing, collection, digest_key),
        }
        marks = _list_marks(adapted, trained, scores, answers, account)
    scores = replace(scores, marks=marks)
    log.info("scores", accuracy=round(scores.accuracy, 4), macro_f1=round(scores.macro_f1, 4))
    for mark in marks:
        log.warning("marked", mark=mark, meaning=MARKS[mark])
    return Evaluated(scores, sealed, account)


def _answer(adapted: AdaptedModel, document: SplitDocument, testing: TestingData, cache: Cache) -> list[str]:
    """Return the class of each example; models that share a stored adapter share its features."""
    adapter, texts = adapted.adapter, testing.data.texts
    if len(texts) * adapter.dense_width * 4 > _MOST_ADAPTED_BYTES:
        return adapted.classify(texts)
    key = None
    if texts.key is not None and document.adapter_sha256 is not None:
        made_by = list_versions(adapter, *adapter.libraries)
        key = {"texts": texts.key, "fitted": document.adapter_sha256.hex(), "made by": made_by}
    features = cache.get(FEATURES, key, lambda: adapter.transform(texts))
    return adapted.answer_adapted(features, probabilities=False)[0]


def _list_marks(
    adapted: AdaptedModel, trained: Trained, scores: Scores, answers: Sequence[str], account: dict[str, Any]
) -> list[str]:
    found = {*list_marks(adapted.model, scores, answers)}
    if NOT_CONVERGED in trained.marks:  # documents do not say it
        found.add(NOT_CONVERGED)
    if account["unknown"]:
        found.add(UNKNOWN_CLASSES)
    if account["perhaps_trained"]:
        found.add(PERHAPS_TRAINED)
    return [mark for mark in MARKS if mark in found]


def _count_perhaps_trained(trained: Trained, testing: TestingData, collection: str, digest_key: bytes) -> int:
    """Return how many examples may have trained the model.

    Those of its collection in the span of its training set, without those of its own testing set: a lineage has no list
    of the examples that trained, only their span. Without a lineage, all of them.
    """
    if trained.collection is not None and trained.collection != collection:
        return 0
    within = np.ones(len(testing.microseconds), bool)
    training = (trained.examples or {}).get("training", {})
    if "first" in training and "last" in training:
        first, last = (to_microseconds(datetime.fromisoformat(training[name])) for name in ("first", "last"))
        within = (testing.microseconds >= first) & (testing.microseconds <= last)
    places = np.flatnonzero(within)
    if not len(places) or trained.tested is None:
        return len(places)
    ids = encrypt_ids(digest_key, [testing.data.digests[place] for place in places.tolist()])
    certain = {*cut(trained.tested)}
    return sum(each.tobytes() not in certain for each in ids)
