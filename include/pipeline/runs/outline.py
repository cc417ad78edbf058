"""What a plan means, as much as is known within a second and without keys: for those who are still writing it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pipeline.errors import DatabaseUnavailableError
from pipeline.plans import Expansion, Finding, PlanError, expand, parse_plan
from pipeline.plans.differences import differing_options, format_differences
from pipeline.plans.expansion import UnlistedError
from pipeline.plans.limits import LARGEST_PLAN_BYTES
from pipeline.plans.parse import SHORTEN
from pipeline.plans.positions import find_positions
from pipeline.runs.expand import add_digests, require_room, reuse_models
from pipeline.runs.forecast import forecast
from pipeline.runs.outline_splits import outline_splits
from pipeline.runs.patient_survey import PatientSurvey
from pipeline.runs.preview import Preview
from pipeline.stores.database import Database
from pipeline.stores.limited import LimitedDatabase
from pipeline.stores.models.split_accounts import SplitAccounts
from pipeline.stores.models.store import ModelsStore

Known = TypeVar("Known")

SECONDS: Final = 1.0
"""How long one question to a database may take."""

MOST_DEFINITIONS: Final = 5_000
"""How many definitions are listed, which takes about half a second; of more, only the number is told."""

MOST_TOLD: Final = 50
"""How many labels are told, and how many datasets."""

_MOST_FINDINGS: Final = 100


@dataclass(frozen=True)
class Sources:
    """What an outline is made from.

    Args:
        models: the models database.
        examples: the examples database; None if there is no connection to it.
        most: how many definitions one run can train; None means any number.
    """

    models: Database
    examples: Database | None = None
    most: int | None = None


class _Asked:
    """Asks for what may not be known, and remembers what was not known and why."""

    def __init__(self) -> None:
        self._reasons: dict[str, list[str]] = {}

    def learn(self, what: str, ask: Callable[[], Known], otherwise: Known) -> Known:
        """Return what `ask` returns, or `otherwise` if a database does not answer."""
        try:
            return ask()
        except DatabaseUnavailableError as error:
            self.miss(what, str(error))
            return otherwise

    def miss(self, what: str, why: str) -> None:
        """Remember that something is not known."""
        self._reasons.setdefault(why, []).append(what)

    def list_missing(self) -> list[dict[str, str]]:
        """Return what is not known, with the reason for each."""
        return [{"what": ", ".join(what), "why": why} for why, what in self._reasons.items()]


def outline_plan(text: str, sources: Sources) -> dict[str, Any]:
    """Return what is wrong in the text of a plan, or what it means, as JSON values.

    Returns:
        `findings` and `warnings`, each with its line and column where they are known; `preview`, or None if anything
        is wrong; and `not_known`, what could not be found out and why.
    """
    survey = PatientSurvey(sources.examples, SECONDS)
    asked = _Asked()
    findings: Sequence[Finding] = ()
    warnings: Sequence[Finding] = ()
    told = None
    try:
        expansion = expand(_parse(text), survey, MOST_DEFINITIONS)
        warnings = expansion.warnings
        told = _describe(expansion, survey, sources, asked)
    except PlanError as error:
        findings = error.findings
    except UnlistedError as error:
        told = {"permutations": error.permutations, "definitions": error.definitions, "listed": False}
        asked.miss("everything else", f"{error} `pipeline plan preview` lists more.")
    return {
        "findings": _place(text, findings),
        "warnings": _place(text, warnings),
        "preview": told,
        "not_known": asked.list_missing() if told else [],
    }


def _parse(text: str) -> Any:
    if len(text.encode(errors="replace")) > LARGEST_PLAN_BYTES:
        raise PlanError([Finding("plan", "too large", f"a plan has at most {LARGEST_PLAN_BYTES:,} bytes", SHORTEN)])
    return parse_plan(text)


def _place(text: str, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings with their sentences, and where they are in a text."""
    shown = findings[:_MOST_FINDINGS]
    positions = find_positions(text, [finding.path for finding in shown])
    unknown = {"line": None, "column": None}
    return [
        finding.to_dict()
        | {"sentence": str(finding)}
        | (vars(positions[finding.path]) if finding.path in positions else unknown)
        for finding in shown
    ]


def _describe(expansion: Expansion, survey: PatientSurvey, sources: Sources, asked: _Asked) -> dict[str, Any]:
    """Return what an expansion means.

    Raises:
        PlanError: one run cannot train so many definitions.
    """
    models = LimitedDatabase(sources.models, SECONDS)
    store = ModelsStore(models)
    time = None
    survey.count([each for dataset in expansion.datasets for each in dataset.selections])
    if survey.trouble:
        asked.miss("how many examples there are", survey.trouble)
    else:
        plain = expansion
        expansion = asked.learn("which examples they are", lambda: add_digests(plain, survey), plain)
    with models.kept_open():
        if expansion.examples:
            known = expansion
            expansion = asked.learn("which models are reused", lambda: reuse_models(known, store), known)
            time = asked.learn("how long it computes", lambda: forecast(known, survey, store), None)
        elif expansion.settings.on_existing == "reuse":
            asked.miss("which models are reused", "that depends on the examples")
        require_room(expansion, sources.most)
        accounts = SplitAccounts(models)
        splits = outline_splits(expansion, survey, MOST_TOLD)
        asked.learn("how datasets split", lambda: splits.add_accounts(accounts), None)
    told = Preview(expansion, time).to_dict()
    ledger = told.pop("ledger")
    del told["warnings"]  # they are told with their places
    differing = differing_options([row["definition"] for row in ledger])
    labels = [
        {name: row[name] for name in ("label", "state", "duplicate_of")}
        | {"differences": format_differences(row["definition"], differing)}
        for row in ledger[:MOST_TOLD]
    ]
    return told | {"listed": True, "labels": labels, "splits": splits.to_list()}
