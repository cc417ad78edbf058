"""Train a stored model again, and say whether that gives the same bytes. Nothing is stored, announced or written."""

from dataclasses import dataclass, field
from typing import Any

from pipeline.cache.cache import Cache
from pipeline.clock import Clock
from pipeline.examples.answers import CODE_BYTES, SealedAnswers, cut
from pipeline.plans.definition import Definition
from pipeline.plans.metric import parse_metric
from pipeline.runs.connections import Connections
from pipeline.runs.pinned_examples import PinnedExamples, compare_examples
from pipeline.serialisation.differences import Difference, find_differences
from pipeline.serialisation.document import SplitDocument, join_document
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore
from pipeline.threads import limit_threads
from pipeline.training.lineage_changes import Change, list_changes
from pipeline.training.train import Trained, train_definition


@dataclass(frozen=True)
class Reproduction:
    """A stored model beside what training it again gives.

    Attributes:
        label: the model's label.
        version: its version.
        run_id: the run that trained it.
        encoding: of its document.
        examples: what has become of its examples.
        changes: what else is not as it was.
        trained: whether it was trained again; not if its examples differ, unless that is wanted.
        adapter_identical: whether the adapter's part of the document has the same bytes; None if there is no such part.
        rest_identical: whether the rest has, apart from the name of the adapter's part.
        differences: where document, scores, curves and answers differ, each with the name of the part in front.
    """

    label: str
    version: int
    run_id: str
    encoding: str
    examples: PinnedExamples
    changes: list[Change]
    trained: bool = False
    adapter_identical: bool | None = None
    rest_identical: bool | None = None
    differences: dict[str, list[Difference]] = field(default_factory=dict)

    @property
    def identical(self) -> bool:
        """Whether training again gave the same document, byte by byte, and the same scores, curves and answers."""
        return self.trained and not any(self.differences.values())


def reproduce(
    connections: Connections, label: str, version: int | None = None, *, anyway: bool = False
) -> Reproduction:
    """Train a stored model again from its definition and the examples that its lineage pins, and compare.

    Args:
        connections: the databases; what trainings share is neither read nor written.
        label: the model's label.
        version: its version; None: the newest.
        anyway: train also if the examples are not those of then, on those of now.

    Raises:
        NotFoundError: there is no such model.
        UnknownNameError: a class of its definition is not installed.
        OptionError: a class no longer takes its options.
        TrainingError: it can no longer be trained.
    """
    models = ModelsStore(connections.models_db)
    store = ExamplesStore(connections.examples_db, connections.keyring)
    model = models.get_model(label, version)
    stored = models.get_document(label, model["version"])
    recipe = Definition.from_dict(model["definition"])
    examples = compare_examples(model, recipe.dataset, models, store)
    seed = int(model["lineage"]["seed"])
    changes = list_changes(model["lineage"], recipe) + _compare_ledger(connections, model, recipe, seed)
    known = (label, model["version"], model["run_id"], stored.encoding, examples, changes)
    if examples.identical is False and not anyway:
        return Reproduction(*known)
    digest = examples.digest if examples.identical else None
    with limit_threads():
        metric = parse_metric(model["metric"])
        trained = train_definition(recipe, seed, store, Cache(), Clock(), stored.encoding, digest, metric)
    curves = models.get_curves(label, model["version"])
    (answers,) = models.list_answers([(label, model["version"])])
    return Reproduction(
        *known,
        trained=True,
        adapter_identical=None if stored.adapter is None else stored.adapter == trained.document.adapter,
        rest_identical=_strip(stored) == _strip(trained.document),
        differences={
            "document": _compare_documents(stored, trained.document),
            "scores": [*find_differences(model["scores"], trained.scores.to_dict())],
            "curves": [] if curves is None else [*find_differences(curves, trained.curves)],
            "answers": [] if answers is None else _compare_answers(answers, trained),
        },
    )


def _compare_ledger(connections: Connections, model: dict[str, Any], recipe: Definition, seed: int) -> list[Change]:
    """Return what the lineage and the ledger say differently, and what the definition is called now."""
    found = []
    run = Ledger(connections.models_db).find_run(model["run_id"])
    if run is not None and run["seed"] != seed:
        found.append(
            Change("seed", "of its run", run["seed"], f"{seed} by its lineage, with which it was trained here")
        )
    if recipe.label != model["label"]:
        found.append(Change("label", "", model["label"], f"{recipe.label}: its classes have other options"))
    return found


def _compare_documents(then: SplitDocument, now: SplitDocument) -> list[Difference]:
    if (then.adapter, then.rest) == (now.adapter, now.rest):
        return []
    found = [*find_differences(join_document(then), join_document(now))]
    return found or [Difference("", "equal contents in other bytes")]


def _strip(document: SplitDocument) -> bytes:
    """Return the rest of a document without the digest that names its adapter."""
    if document.encoding == "json" and document.adapter_sha256 is not None:
        return document.rest.replace(document.adapter_sha256.hex().encode(), b"")
    return document.rest


def _compare_answers(then: SealedAnswers, trained: Trained) -> list[Difference]:
    now = trained.answers
    if then.testing_set != now.testing_set:
        return [Difference("", "they are to other testing examples")]
    pairs = zip(cut(then.answers, CODE_BYTES), cut(now.answers, CODE_BYTES), strict=True)
    count = sum(one != other for one, other in pairs)
    return [Difference("", f"{count:,} of {len(now.answers) // CODE_BYTES:,} differ")] if count else []
