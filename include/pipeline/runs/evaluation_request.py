"""What a run of `evaluate_models` is asked for: its configuration, checked where it enters."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pipeline.airflow_client.api import EVALUATION_DAG_ID
from pipeline.datetimes import parse_datetime
from pipeline.errors import NotFoundError
from pipeline.examples.criteria import BEGIN
from pipeline.examples.example import Selection, name_collection
from pipeline.loading.load import DEFAULT_COLLECTION
from pipeline.plans.errors import EvaluationRequestError, Finding, PlanError
from pipeline.plans.findings import Findings
from pipeline.plans.values import find_unknown_keys
from pipeline.plans.wording import describe
from pipeline.runs.count_classes import read_datasets
from pipeline.stores.database import Database
from pipeline.stores.models.read import read_target
from pipeline.training.testing_data import Asked

DATASET: Final = "dataset"
COLLECTION: Final = "collection"
FROM: Final = "from"
TO: Final = "to"
KEYS: Final = ("models", DATASET, COLLECTION, FROM, TO)

MOST_MODELS: Final = 1_000
LONGEST_REFERENCE: Final = 300
A_MODEL: Final = "a label, label@3 for its third version, or @alias"


@dataclass(frozen=True)
class EvaluationRequest:
    """Which models are scored, and on which examples.

    ```text
    {"models": ["@champion", "a-label@2"], "collection": "default", "from": "2016-2-1"}
    {"models": ["@champion"], "dataset": {"name": "SpanDataset", "options": {…}}}
    ```

    Attributes:
        models: labels, `label@3` or `@alias`; at least one.
        asked: the examples; None if they end at the moment of the run.
        collection: of the examples, if they are all of a span.
        start: the first moment of the span.
    """

    models: tuple[str, ...]
    asked: Asked | None
    collection: str
    start: datetime

    def ask(self, now: datetime) -> Asked:
        """Return the examples.

        Args:
            now: the moment of the run, where a span without an end ends.
        """
        return self.asked or Asked(Selection(self.collection, self.start, max(now, self.start)))


def read_request(conf: Any, now: datetime | None = None) -> EvaluationRequest:
    """Return what a configuration asks for. A key with null, and a dataset of `{}`, count as left out.

    Args:
        conf: the configuration of the run.
        now: the moment of the run, which `now` in a dataset means; by default the current time.

    Raises:
        EvaluationRequestError: everything that is wrong in it.
    """
    findings = Findings()
    if not isinstance(conf, dict):
        raise EvaluationRequestError([Finding(EVALUATION_DAG_ID, f"got {describe(conf)}", f"an object with {KEYS[0]}")])
    find_unknown_keys(conf, KEYS, findings)
    given = {name: value for name, value in conf.items() if value is not None and not (name == DATASET and value == {})}
    models = _read_models(given.get("models"), findings.under("models"))
    spans = [name for name in (COLLECTION, FROM, TO) if name in given]
    asked: Asked | None = None
    collection, start = DEFAULT_COLLECTION, BEGIN
    if DATASET in given:
        for name in spans:
            findings.under(name).add(
                "given as well as a dataset", "a dataset, or a span of a collection", "leave one out"
            )
        asked = _read_dataset(given[DATASET], findings, now)
    else:
        collection = _read_collection(given.get(COLLECTION, DEFAULT_COLLECTION), findings.under(COLLECTION))
        start = _read_moment(given, FROM, findings) or BEGIN
        end = _read_moment(given, TO, findings)
        if end is not None and end <= start:
            findings.under(TO).add(f"{describe(given[TO])} is not after `{FROM}`", "a later moment")
        asked = None if end is None else Asked(Selection(collection, start, end))
    if not findings.clean:
        raise EvaluationRequestError([*findings])
    return EvaluationRequest(models, asked, collection, start)


def find_missing_models(models: tuple[str, ...], database: Database) -> list[Finding]:
    """Return a finding for each reference that means no stored model."""
    found = []
    with database.kept_open():
        for place, reference in enumerate(models):
            try:
                read_target(database, reference)
            except NotFoundError as error:
                found.append(Finding(f"models[{place}]", error.what, error.allowed, error.next_step))
    return found


def _read_models(written: Any, findings: Findings) -> tuple[str, ...]:
    allowed = f"a list of models, each {A_MODEL}"
    if written is None or written == []:
        findings.add("missing", allowed)
    elif not isinstance(written, list):
        findings.add(f"got {describe(written)}", allowed)
    elif len(written) > MOST_MODELS:
        findings.add(f"has {len(written):,} models", f"at most {MOST_MODELS:,}", "evaluate them in several runs")
    else:
        for place, each in enumerate(written):
            if not isinstance(each, str) or not each.strip() or "\0" in each or len(each) > LONGEST_REFERENCE:
                findings.item(place).add(f"got {describe(each)}", A_MODEL)
        return tuple(map(str, written))
    return ()


def _read_dataset(written: Any, findings: Findings, now: datetime | None) -> Asked | None:
    if not isinstance(written, dict):
        findings.under(DATASET).add(f"got {describe(written)}", 'one block {"name": …, "options": {…}}')
        return None
    try:
        datasets = read_datasets(written, now)
    except PlanError as error:
        findings.extend(error.findings)
        return None
    if len(datasets) != 1:
        what = f"means {len(datasets)} datasets, and models are scored on one testing set"
        findings.under(DATASET).add(what, "one dataset with one value for each option")
        return None
    return Asked(datasets[0])


def _read_collection(written: Any, findings: Findings) -> str:
    if not isinstance(written, str):
        findings.add(f"got {describe(written)}", "the name of a collection")
        return DEFAULT_COLLECTION
    try:
        return name_collection(written)
    except ValueError as error:
        findings.add(str(error))
        return DEFAULT_COLLECTION


def _read_moment(given: dict[str, Any], name: str, findings: Findings) -> datetime | None:
    written = given.get(name)
    if written is None or written == "":
        return None
    if not isinstance(written, str):
        findings.under(name).add(
            f"got {describe(written)}", "a date or time, such as 2016-1-1 or 2016-01-01T09:30+02:00"
        )
        return None
    try:
        return parse_datetime(written)
    except ValueError as error:
        findings.under(name).add(str(error))
        return None
