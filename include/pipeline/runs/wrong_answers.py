"""The testing examples that a stored model answered wrongly, with their texts, for those who hold the keys."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pipeline.datasets import datasets
from pipeline.errors import PipelineError
from pipeline.examples.answers import SealedAnswers, cut, list_digests, name_answers
from pipeline.examples.criteria import Criteria, FoundExample
from pipeline.runs.connections import Connections
from pipeline.serialisation.document import join_document
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.store import ModelsStore


@dataclass(frozen=True, slots=True)
class AnsweredExample:
    """A testing example with a model's answer.

    Attributes:
        id: as `pipeline examples find` prints it.
        example: as comparisons of models show it.
        probability: of the answer, by the model as it is stored; None if it was not asked, or gives none.
    """

    id: str
    example: str
    occurred_at: datetime
    text: str = field(repr=False)
    truth: str = field(repr=False)
    answer: str | None = field(repr=False)
    probability: float | None = None


@dataclass(frozen=True)
class WrongAnswers:
    """Testing examples that a model answered wrongly, or those that were asked for by id.

    Attributes:
        label: the model's label.
        version: its version.
        tested: how many examples tested the model.
        wrong: how many of them it answered wrongly.
        matching: how many of them are asked for.
        gone: how many of those were deleted or corrected since.
        items: the others, oldest first.
        unknown_ids: ids that were given, and are of no testing example.
    """

    label: str
    version: int
    tested: int
    wrong: int
    matching: int
    gone: int
    items: list[AnsweredExample]
    unknown_ids: list[str] = field(default_factory=list)


def list_wrong_answers(
    connections: Connections,
    reference: str,
    truth: str | None = None,
    answer: str | None = None,
    ids: Collection[str] | None = None,
    *,
    probabilities: bool = False,
    limit: int | None = None,
) -> WrongAnswers:
    """Return the examples of a model's testing set that it answered wrongly.

    Args:
        connections: the databases and the keys.
        reference: a label (its newest version), `label@3` or `@alias`.
        truth: only examples of this class.
        answer: only examples that were given this class.
        ids: exactly these examples, whether or not the answer is right; each is an id of a file, of
            `pipeline examples find` or of a comparison of models. None: all that were answered wrongly.
        probabilities: classify the examples again, for the probability of each answer.
        limit: return at most so many; None: all.

    Raises:
        NotFoundError: there is no such model.
        PipelineError: its answers are not stored, or it knows no such class.
        KeyRingError: a key is missing.
    """
    label, version = AliasesStore(connections.models_db).resolve(reference)
    models = ModelsStore(connections.models_db)
    model = models.get_model(label, version)
    (sealed,) = models.list_answers([(label, version)])
    if sealed is None:
        raise PipelineError(f"{label}@{version}", "its answers are not stored", next_step="train it again")
    names = _check_classes(model, truth, answer)
    store = ExamplesStore(connections.examples_db, connections.keyring)
    collections = _list_collections(model["definition"])
    answered = _Answered(sealed, store.keyring.digest_key, names)
    wrong = [place for place in range(answered.count) if answered.truths[place] != answered.answers[place]]
    places, unknown = (wrong, []) if ids is None else _find_places(answered, ids, store, collections)
    places = [
        place
        for place in places
        if truth in (None, answered.truths[place]) and answer in (None, answered.answers[place])
    ]
    found = _open(answered, places, store, collections)
    items = sorted(found, key=lambda each: (each.occurred_at, each.id))[:limit]
    if probabilities:
        items = _add_probabilities(items, models, label, version)
    return WrongAnswers(
        label, version, answered.count, len(wrong), len(places), len(places) - len(found), items, unknown
    )


class _Answered:
    """Sealed answers, opened with the digest key: a digest, a class and an answer for each testing example."""

    def __init__(self, sealed: SealedAnswers, digest_key: bytes, names: Sequence[str]) -> None:
        self.digests = list_digests(digest_key, sealed.examples)
        self.ids = [each.hex() for each in cut(sealed.examples)]
        self.truths = name_answers(digest_key, sealed.examples, sealed.truths, names)
        self.answers = name_answers(digest_key, sealed.examples, sealed.answers, names)
        self.count = len(self.digests)


def _check_classes(model: Mapping[str, Any], *wanted: str | None) -> list[str]:
    """Return the classes that the model or its examples have; refuse others."""
    names: list[str] = model["scores"]["classes"]
    for each in wanted:
        if each is not None and each not in names:
            raise PipelineError("class", f"the model knows no {each!r}", f"one of {', '.join(names[:20])}")
    return names


def _list_collections(definition: dict[str, Any]) -> list[str]:
    block = definition["dataset"]
    return sorted({each.collection for each in datasets[block["name"]](**block["options"]).selections})


def _find_places(
    answered: _Answered, ids: Iterable[str], store: ExamplesStore, collections: Iterable[str]
) -> tuple[list[int], list[str]]:
    """Return where the examples with these ids are in the testing set, and the ids that are of none of it."""
    found: list[int] = []
    unknown = []
    for each in dict.fromkeys(ids):
        places = [place for place, known in enumerate(answered.ids) if known == each.lower()]
        if not places:
            criteria = [Criteria(collection, frozenset([each])) for collection in collections]
            rows = {example.digest for one in criteria for example in store.find(one)}
            places = [place for place, digest in enumerate(answered.digests) if digest in rows]
        found += places
        unknown += [] if places else [each]
    return sorted({*found}), unknown


def _open(
    answered: _Answered, places: Sequence[int], store: ExamplesStore, collections: Iterable[str]
) -> list[AnsweredExample]:
    """Return the testing examples at these places that are still there as they were."""
    by_digest: dict[bytes, list[FoundExample]] = {}
    wanted = [*{answered.digests[place] for place in places}]
    for collection in collections if wanted else ():
        for example in store.find_digests(collection, wanted):
            by_digest.setdefault(example.digest, []).append(example)
    seen: Counter[bytes] = Counter()
    opened = []
    for place in places:
        digest = answered.digests[place]
        rows = by_digest.get(digest, [])[seen[digest] :]  # equal examples have equal digests
        seen[digest] += 1
        if rows:
            row = rows[0]
            opened.append(
                AnsweredExample(
                    row.id.hex(),
                    answered.ids[place],
                    row.occurred_at,
                    row.text,
                    row.classification,
                    answered.answers[place],
                )
            )
    return opened


def _add_probabilities(
    items: Sequence[AnsweredExample], models: ModelsStore, label: str, version: int
) -> list[AnsweredExample]:
    from pipeline.training.adapted_model import AdaptedModel

    adapted = AdaptedModel.from_dict(join_document(models.get_document(label, version)), accept_drift=True)
    if not adapted.model.gives_probabilities or not items:
        return [*items]
    shares = adapted.probabilities([each.text for each in items])
    places = {name: place for place, name in enumerate(adapted.model.classes)}
    return [
        replace(each, probability=float(row[places[each.answer]]) if each.answer in places else None)
        for each, row in zip(items, shares, strict=True)
    ]
