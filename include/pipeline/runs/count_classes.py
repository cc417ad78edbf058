"""Counts how datasets split their examples, by class, for people who write a plan: only a worker opens examples."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice, product
from typing import Any, Final

from pipeline.datasets import datasets as family
from pipeline.datasets.base import Dataset
from pipeline.errors import OptionError, PipelineError, RetryableError, describe_error
from pipeline.examples.digest import DigestingSource
from pipeline.examples.example import ExampleSource, Selection
from pipeline.log import get_logger
from pipeline.plans.blocks import Block, read_section
from pipeline.plans.errors import Finding, PlanError
from pipeline.plans.findings import Findings
from pipeline.plans.now import pin_now
from pipeline.runs.connections import Connections
from pipeline.runs.splits import OnceSource, SplitPreview, look
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.stores.models.split_accounts import SplitAccounts

log = get_logger(__name__)

SECTION: Final = "dataset"
MOST_DATASETS: Final = 50
"""How many datasets one run counts; a page shows no more."""

_MOST_TRIED: Final = 10_000
"""How many permutations of one block are made: the lists of a block may be long and mean few datasets."""


def count_classes(section: Any, connections: Connections) -> int:
    """Count how datasets split and write the accounts to the models database; what is there already is not counted.

    Args:
        section: one dataset block or a list of them, as a plan has it.
        connections: the databases, and the keys that open examples.

    Returns:
        How many were counted.

    Raises:
        PlanError: the blocks are wrong, or too many.
        PipelineError: some could not be counted; the reason is in their accounts too.
    """
    datasets = read_datasets(section)
    accounts = SplitAccounts(connections.models_db)
    digests = ExamplesSurvey(connections.examples_db).digest(datasets)
    known = accounts.find([*zip(datasets, digests, strict=True)])
    left = [
        (dataset, digest)
        for dataset, digest, account in zip(datasets, digests, known, strict=True)
        if account is None or "failure" in account
    ]
    groups: dict[tuple[Selection, ...], list[tuple[Dataset, str]]] = {}
    for dataset, digest in left:
        groups.setdefault(dataset.selections, []).append((dataset, digest))
    for group in groups.values():
        _count_group(group, connections, accounts)
    log.info("counted classes by set", datasets=len(datasets), counted=len(left))
    return len(left)


def read_datasets(section: Any, now: datetime | None = None) -> list[Dataset]:
    """Return the different datasets of a plan's section.

    Args:
        section: its JSON value.
        now: what `now` in it means; by default the current time.

    Raises:
        PlanError: the section is wrong, or has more than `MOST_DATASETS`.
    """
    findings = Findings()
    here = findings.under(SECTION)
    pinned, _ = pin_now({SECTION: section}, now)
    blocks = read_section(SECTION, pinned[SECTION], family, here)
    found: dict[str, Dataset] = {}
    for block in blocks:
        for dataset in _make_all(block, here):
            found.setdefault(dataset.canonical, dataset)
            if len(found) > MOST_DATASETS:
                raise PlanError([Finding(SECTION, f"more than {MOST_DATASETS} datasets", f"at most {MOST_DATASETS}")])
    if not findings.clean:
        raise PlanError([*findings])
    return [*found.values()]


def _make_all(block: Block, findings: Findings) -> Iterator[Dataset]:
    for values in islice(product(*block.choices.values()), _MOST_TRIED):
        try:
            yield block.component(**dict(zip(block.choices, values, strict=True)))  # type: ignore[misc]
        except OptionError as error:
            findings.extend([Finding(f"{block.path}.options", error.what, error.allowed)])
            return


def _count_group(group: list[tuple[Dataset, str]], connections: Connections, accounts: SplitAccounts) -> None:
    """Count datasets that select the same examples, which are opened once."""
    source = DigestingSource(OnceSource(lambda: ExamplesStore(connections.examples_db, connections.keyring)))
    try:
        for dataset, expected in group:
            account = _count(dataset, source)
            accounts.save(dataset, _digest(dataset, source, expected), account)
    except RetryableError:
        raise
    except Exception as error:
        for dataset, digest in group:
            accounts.save(dataset, digest, None, describe_error(error))
        raise


def _count(dataset: Dataset, source: ExampleSource) -> dict[str, Any]:
    """Return how a dataset splits as JSON values, without the dataset.

    Raises:
        PipelineError: the examples cannot be opened.
    """
    seen = look(SplitPreview(dataset, 0), source)
    if seen.not_looked_at:
        raise PipelineError(dataset.name, seen.not_looked_at)
    account = seen.to_dict()
    return {name: account[name] for name in ("examples", "by_class", "missing_classes", "problem")}


def _digest(dataset: Dataset, source: DigestingSource, expected: str) -> str:
    """Return the digest of the examples that were counted, which may have become more since they were last looked at.

    A dataset that cannot be split may not have fetched all of them.
    """
    try:
        return source.digest(dataset.selections)
    except KeyError:
        return expected
