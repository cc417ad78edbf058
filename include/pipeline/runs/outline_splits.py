"""How the datasets of a plan select and split, as far as it is known: no example is opened for it."""

from dataclasses import dataclass, field
from typing import Any

from pipeline.plans import Expansion
from pipeline.plans.differences import differing_options, format_value, list_block
from pipeline.runs.patient_survey import PatientSurvey
from pipeline.runs.splits import SplitPreview, group_by_examples
from pipeline.stores.models.split_accounts import SplitAccounts


@dataclass
class SplitOutline:
    """What is known about one dataset.

    Args:
        seen: the dataset, with how many definitions use it.
        differences: the options in which it differs from the others.
        selected: how many examples it selects; None if that is not known.
        digest: of these examples; None if that is not known.
        account: how it splits; see `describe_account`. None if that is not known.
        failure: why a worker could not count it; empty if none has failed.
    """

    seen: SplitPreview
    differences: str
    selected: int | None
    digest: str | None
    account: dict[str, Any] | None = None
    failure: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "dataset": self.seen.dataset.block,
            "definitions": self.seen.definitions,
            "differences": self.differences,
            "selected": self.selected,
            "account": self.account,
            "failure": self.failure or None,
        }


@dataclass
class SplitOutlines:
    """The different datasets of a plan, those with the same examples one after another."""

    outlines: list[SplitOutline] = field(default_factory=list)

    def add_accounts(self, accounts: SplitAccounts) -> None:
        """Add how datasets split, where a worker has counted it or a model was trained on the same.

        A model's lineage has the sizes of the sets, but not their classes.
        """
        known = [each for each in self.outlines if each.digest is not None]
        wanted = [(each.seen.dataset, each.digest or "") for each in known]
        counted = accounts.find(wanted) if wanted else []
        for outline, account in zip(known, counted, strict=True):
            outline.failure = (account or {}).get("failure", "")
            outline.account = None if outline.failure else account
        left = [each for each in known if each.account is None]
        trained = accounts.find_in_lineages([(each.seen.dataset, each.digest or "") for each in left]) if left else []
        for outline, examples in zip(left, trained, strict=True):
            if examples is not None:
                outline.account = {"examples": examples, "by_class": None, "missing_classes": [], "problem": ""}

    def to_list(self) -> list[dict[str, Any]]:
        """Return them as JSON values."""
        return [each.to_dict() for each in self.outlines]


def outline_splits(expansion: Expansion, survey: PatientSurvey, most: int) -> SplitOutlines:
    """Return the different datasets of a plan, at most `most`, with the number of examples that each selects."""
    seen = [split for group in group_by_examples(expansion.definitions).values() for split in group][:most]
    differing = differing_options([{"dataset": each.dataset.block} for each in seen], ["dataset"])
    outlines = []
    for each in seen:
        values = list_block("dataset", each.dataset.block)
        told = [f"{key[2] or 'dataset'}={format_value(values[key])}" for key in differing if key in values]
        digest = expansion.examples.get(each.dataset.canonical)
        outlines.append(SplitOutline(each, ", ".join(told), survey.count_of(each.dataset), digest))
    return SplitOutlines(outlines)
