"""Whether the examples that a model's lineage pins are still there, and what has become of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.datasets.base import Dataset
from pipeline.examples.answers import list_digests
from pipeline.plans.wording import count_of
from pipeline.stores.examples.change import Change
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.stores.models.store import ModelsStore

_REMOVED = ("removed_other_classes", "removed_duplicates", "removed_older", "removed_small_classes")
_LATEST_CHANGES = 1_000


@dataclass(frozen=True)
class PinnedExamples:
    """The examples that a dataset selected when a model was trained, compared with those that it selects now.

    Attributes:
        digest: of those that it selected then; None if the lineage, of an early version, does not say.
        identical: whether it selects exactly these now; None if that is not known.
        then: how many it selected; None if the lineage does not say.
        now: how many it selects.
        testing: how many tested the model; None if the answers are not stored.
        testing_gone: how many of them are no longer there with the same time, text and class; None if not known.
        changes: what was corrected and deleted in the collections since the model was stored, newest first.
    """

    digest: str | None
    identical: bool | None
    then: int | None
    now: int
    testing: int | None = None
    testing_gone: int | None = None
    changes: tuple[Change, ...] = ()

    def describe(self) -> Iterator[str]:
        """Yield what differs, in sentences; nothing if nothing does."""
        if self.identical:
            return
        if self.digest is None:
            yield f"the lineage does not say which examples it was trained on; the dataset selects {self.now:,} now"
            return
        if self.then is None:
            yield f"the dataset selects other examples than then, {self.now:,} now"
        elif self.then == self.now:
            yield f"the dataset selects {self.now:,} as then, but not the same: some were corrected or replaced"
        else:
            change = f"{abs(self.now - self.then):,} {'more' if self.now > self.then else 'fewer'}"
            yield f"the dataset selected {self.then:,} then and selects {self.now:,} now, {change}"
        if self.testing_gone:
            yield f"of the {count_of(self.testing or 0, 'testing example')}, {self.testing_gone:,} gone or corrected"
        elif self.testing_gone == 0:
            yield "all its testing examples are still there, so what differs is new or was for training"
        for each in self.changes:
            yield (
                f"{each.examples:,} of collection {each.collection} {each.kind} on {each.changed_at:%Y-%m-%d %H:%M} "
                f"by {each.changed_by}: {each.reason}"
            )


def compare_examples(
    model: dict[str, Any], dataset: Dataset, models: ModelsStore, store: ExamplesStore
) -> PinnedExamples:
    """Return what has become of the examples of a stored model.

    Args:
        model: as `ModelsStore.get_model` returns it.
        dataset: of its definition.
        models: where it is stored.
        store: where its examples are.
    """
    survey, account = ExamplesSurvey(store.database), model["lineage"].get("examples", {})
    digest = account.get("digest")
    (current,) = survey.digest([dataset])
    now = sum(survey.count(dataset.selections))
    identical = None if digest is None else digest == current
    if identical is not False:
        return PinnedExamples(digest, identical, _count_selected(account), now)
    collections = {each.collection for each in dataset.selections}
    changes = tuple(
        each
        for each in store.list_changes(_LATEST_CHANGES)
        if each.collection in collections and each.changed_at > model["created_at"]
    )
    found = PinnedExamples(digest, identical, _count_selected(account), now, changes=changes)
    (sealed,) = models.list_answers([(model["label"], model["version"])])
    if sealed is None:
        return found
    tested = list_digests(store.keyring.digest_key, sealed.examples)
    there = {digest for selection in dataset.selections for digest in store.fetch(selection).digests}
    gone = sum(each not in there for each in tested)
    return PinnedExamples(digest, identical, found.then, now, len(tested), gone, changes)


def _count_selected(account: dict[str, Any]) -> int | None:
    """Return how many examples a dataset had selected, by the account of its split; None if that does not say."""
    if not all(name in account for name in ("training", "testing", *_REMOVED)):
        return None
    used = sum(account[name]["count"] for name in ("training", "validation", "testing") if name in account)
    return int(used + sum(account[name] for name in _REMOVED))
