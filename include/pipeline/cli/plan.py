"""`pipeline plan …`"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.connect import environ, examples_store, examples_survey, models_store
from pipeline.cli.exclusions import print_exclusions
from pipeline.cli.output import AsJson, Limit, print_json, print_line, print_table, print_warnings
from pipeline.cli.splits import print_splits
from pipeline.errors import DatabaseUnavailableError, DeploymentError
from pipeline.log import load_structlog
from pipeline.plans import Expansion, PlanError, expand, read_plan
from pipeline.plans.differences import differing_options, format_differences
from pipeline.plans.schema import plan_schema
from pipeline.plans.wording import count_of
from pipeline.runs.expand import expand_for_run
from pipeline.runs.forecast import list_ladders
from pipeline.runs.preview import Preview, preview
from pipeline.runs.splits import MOST_EXAMPLES

app = typer.Typer(help="Check a training plan, and see what it would train.", no_args_is_help=True)

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The training plan, a JSON file; - reads stdin.")]

_FEW = 100
"""With fewer examples that compare them, one answer is more than a percent."""

UNREACHABLE = (DeploymentError, DatabaseUnavailableError)


@app.command("check")
def check_plan(plan: PlanFile, as_json: AsJson = False) -> None:
    """Print everything that is wrong in a plan, or how many definitions it has; exit code 1 if anything is wrong."""
    with _findings_as(as_json):
        expansion, note = _try_databases(read_plan(plan))
    if as_json:
        warnings = [warning.to_dict() for warning in expansion.warnings]
        found = {"findings": [], "warnings": warnings, "definitions": len(expansion.definitions), "not_checked": note}
        print_json(found | {"now": expansion.now})
        return
    print_line(f"{plan}: nothing wrong, {count_of(len(expansion.definitions), 'definition')}")
    _print_now(expansion)
    print_warnings(expansion.warnings)
    if note:
        print_line(f"not checked: {note}")


@app.command("preview")
def preview_plan(
    plan: PlanFile,
    limit: Limit = 50,
    examples: Annotated[
        int,
        typer.Option(min=0, max=1_000_000_000, help="Open at most this many examples to show how the datasets split."),
    ] = MOST_EXAMPLES,
    as_json: AsJson = False,
) -> None:
    """Show what a plan would train and how its datasets split, without training it."""
    with _findings_as(as_json):
        expansion, note = _try_databases(read_plan(plan))
    seen = Preview(expansion) if note else _preview(expansion, examples)
    if as_json:
        print_json(seen.to_dict() | {"not_checked": note})
        return
    _print_counts(seen)
    _print_definitions(seen, limit)
    _print_rest(seen, limit, note)


@app.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of a plan, for editors and other tools."""
    print_json(plan_schema())


def check(content: Any, now: datetime | None = None) -> Expansion:
    """Return what a plan means, after all checks that are possible before training.

    Args:
        now: what `now` means in the plan; by default the current time.

    Raises:
        PlanError: with everything that is wrong in the plan.
    """
    return expand_for_run(content, examples_survey(), models_store(), _most(), now)


def _try_databases(content: Any) -> tuple[Expansion, str]:
    """Return what a plan means, and what could not be checked because the databases do not answer."""
    try:
        return check(content), ""
    except UNREACHABLE as error:
        return expand(content), f"examples and stored models: {error}"


def _most() -> int | None:
    """Return how many definitions one run of the deployment can train; None if its environment has no limit."""
    most = environ().get("AIRFLOW__CORE__MAX_MAP_LENGTH", "")
    return int(most) if most.isdecimal() else None


def _preview(expansion: Expansion, most: int) -> Preview:
    # a dataset's warnings are printed with its split, not logged
    structlog = load_structlog()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return preview(expansion, examples_survey(), models_store(), examples_store, most)


@contextmanager
def _findings_as(as_json: bool) -> Iterator[None]:
    """If JSON is wanted, print a plan's mistakes as JSON and exit."""
    try:
        yield
    except PlanError as error:
        if not as_json:
            raise
        print_json({"findings": [finding.to_dict() for finding in error.findings], "warnings": []})
        raise typer.Exit(1) from None


def _print_counts(seen: Preview) -> None:
    expansion = seen.expansion
    line = f"{count_of(len(expansion.definitions), 'definition')} of {count_of(expansion.permutations, 'permutation')}"
    parts = []
    if expansion.excluded:
        parts.append(f"{expansion.excluded:,} excluded")
    if expansion.repeated:
        parts.append(f"{expansion.repeated:,} equal to another")
    print_line(f"{line}{': ' if parts else ''}{', '.join(parts)}")
    _print_now(expansion)


def _print_now(expansion: Expansion) -> None:
    if expansion.now is not None:
        print_line(f"now is {expansion.now.isoformat()}; a run takes the moment at which it is triggered")


def _print_definitions(seen: Preview, limit: int) -> None:
    expansion = seen.expansion
    definitions = [definition.to_dict() for definition in expansion.definitions]
    differing = differing_options(definitions)
    numbers = {definition.label: number for number, definition in enumerate(expansion.definitions, 1)}
    rows = []
    for definition in expansion.definitions[:limit]:
        number, original = numbers[definition.label], expansion.duplicates.get(definition.label)
        state = f"= {numbers[original]}" if original else expansion.state(definition.label)
        rows.append((number, definition.label, state, format_differences(definitions[number - 1], differing)))
    print_table(("", "label", "state", "recipe"), rows, fold="recipe")
    if len(definitions) > limit:
        print_line(f"… and {len(definitions) - limit:,} more; --limit shows more, --json all of them")


def _print_rest(seen: Preview, limit: int, note: str) -> None:
    expansion = seen.expansion
    print_exclusions([vars(exclusion) for exclusion in expansion.exclusions])
    if expansion.same_model:
        print_line(f"{count_of(expansion.same_model, 'definition')} would train the same model as another")
    print_warnings(expansion.warnings)
    print_line(
        f"to train: {count_of(len(expansion.to_train), 'definition')}, with {count_of(seen.datasets, 'dataset')} "
        f"and {count_of(seen.adapters, 'adapter')} to prepare"
    )
    if expansion.duplicates or expansion.reused:
        print_line(
            f"not to train: {count_of(len(expansion.duplicates), 'duplicate')}, {len(expansion.reused):,} reused"
        )
    print_splits(seen.splits or [], limit)
    _print_search(seen)
    if seen.forecast:
        missing = len(expansion.to_train) - seen.forecast.definitions
        without = f", {_duration(seen.forecast.full_seconds)} without the search" if expansion.settings.search else ""
        print_line(
            f"forecast: {_duration(seen.forecast.seconds)} of computing on one core{without}, "
            f"estimated from {count_of(seen.forecast.models, 'stored model')}"
            + (f"; {count_of(missing, 'definition')} without a similar model not counted" if missing else "")
        )
    if note:
        print_line(f"not checked: {note}")


def _print_search(seen: Preview) -> None:
    tried = {split.dataset.canonical: split.tried for split in seen.splits or []}
    for ladder in list_ladders(seen.expansion):
        rungs = "".join(f"{rung.entrants:,} tried with {rung.share} of the whole, " for rung in ladder.rungs)
        print_line(f"search in {count_of(ladder.definitions, 'definition')}: {rungs}{ladder.in_full:,} trained in full")
        trains, compare = tried.get(ladder.dataset, (0, 0))
        if not ladder.rungs:
            print_line("  no definition is tried with less: there are too few of them, or `smallest` is too large")
        elif trains:
            few = f", so that one answer is {1 / max(compare, 1):.1%} of them" if compare < _FEW else ""
            print_line(f"  the whole is about {trains:,} examples; {compare:,} others compare the trials{few}")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"
