"""`pipeline plan …`"""

from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.connect import examples_survey, models_store
from pipeline.cli.output import AsJson, Limit, print_json, print_line, print_table, print_warnings
from pipeline.cli.recipes import differing_options, print_exclusions, tell_differences
from pipeline.errors import DatabaseUnavailableError, DeploymentError
from pipeline.plans import Expansion, PlanError, expand, read_plan
from pipeline.plans.preview import Preview
from pipeline.plans.preview import preview as look_ahead
from pipeline.plans.schema import plan_schema
from pipeline.plans.stored import find_empty_selections
from pipeline.plans.wording import count_of

app = typer.Typer(help="Check a training plan, and see what it would train.", no_args_is_help=True)

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The training plan, a JSON file; - reads stdin.")]

UNREACHABLE = (DeploymentError, DatabaseUnavailableError)


@app.command("check")
def check_plan(plan: PlanFile, as_json: AsJson = False) -> None:
    """Say all that is wrong in a plan, or how many definitions it has; exit code 1 where something is wrong."""
    try:
        content = read_plan(plan)
        expansion = expand(content)
        note = _try_examples(expansion)
    except PlanError as error:
        if not as_json:
            raise
        print_json({"findings": [finding.to_dict() for finding in error.findings], "warnings": []})
        raise typer.Exit(1) from None
    if as_json:
        warnings = [warning.to_dict() for warning in expansion.warnings]
        print_json({"findings": [], "warnings": warnings, "definitions": len(expansion.definitions)})
        return
    print_line(f"{plan}: nothing wrong, {count_of(len(expansion.definitions), 'definition')}")
    print_warnings(expansion.warnings)
    if note:
        print_line(f"not checked: whether the examples are there ({note})")


@app.command("preview")
def preview_plan(
    plan: PlanFile,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Show what a plan would train, without training it."""
    expansion = expand(read_plan(plan))
    note = ""
    try:
        check_examples(expansion)
        seen = look_ahead(expansion, examples_survey(), models_store())
    except UNREACHABLE as error:
        seen, note = Preview(expansion), str(error)
    if as_json:
        print_json(seen.to_dict())
        return
    _print_counts(seen)
    _print_definitions(seen, limit)
    _print_rest(seen, note)


@app.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of a plan, for editors and other tools."""
    print_json(plan_schema())


def check(content: Any) -> Expansion:
    """Return what a plan means, once everything that can be known before training has been checked.

    Raises:
        PlanError: with everything that is wrong in the plan.
    """
    expansion = expand(content)
    check_examples(expansion)
    return expansion


def check_examples(expansion: Expansion) -> None:
    """Refuse a plan that asks for examples where there are none.

    Raises:
        PlanError: with every such selection.
    """
    if findings := find_empty_selections(expansion, examples_survey()):
        raise PlanError(findings)


def _try_examples(expansion: Expansion) -> str:
    """Check the examples where there is a database to ask; return why there is none."""
    try:
        check_examples(expansion)
    except UNREACHABLE as error:
        return str(error)
    return ""


def _print_counts(seen: Preview) -> None:
    expansion = seen.expansion
    line = f"{count_of(len(expansion.definitions), 'definition')} of {count_of(expansion.permutations, 'permutation')}"
    parts = []
    if expansion.excluded:
        parts.append(f"{expansion.excluded:,} excluded")
    if expansion.repeated:
        parts.append(f"{expansion.repeated:,} equal to another")
    print_line(f"{line}{': ' if parts else ''}{', '.join(parts)}")


def _print_definitions(seen: Preview, limit: int) -> None:
    definitions = [definition.to_dict() for definition in seen.expansion.definitions]
    differing = differing_options(definitions)
    shown = seen.expansion.definitions[:limit]
    rows = [
        (number, definition.label, _state(seen, definition.label, seen.state(definition)), recipe)
        for number, definition in enumerate(shown, 1)
        for recipe in [tell_differences(definitions[number - 1], differing)]
    ]
    print_table(("", "label", "state", "recipe"), rows, fold="recipe")
    if len(definitions) > limit:
        print_line(f"… and {len(definitions) - limit:,} more; --limit shows more, --json all of them")


def _state(seen: Preview, label: str, state: str) -> str:
    return f"duplicate of {seen.expansion.duplicates[label]}" if state == "duplicate" else state


def _print_rest(seen: Preview, note: str) -> None:
    expansion = seen.expansion
    print_exclusions([vars(exclusion) for exclusion in expansion.exclusions])
    if expansion.same_model:
        print_line(f"{count_of(expansion.same_model, 'definition')} would train the same model as another")
    print_warnings(expansion.warnings)
    print_line(
        f"to train: {count_of(len(seen.to_train), 'definition')}, with {count_of(seen.datasets, 'dataset')} "
        f"and {count_of(seen.adapters, 'adapter')} to prepare"
    )
    if seen.forecast:
        missing = len(seen.to_train) - seen.forecast.definitions
        print_line(
            f"forecast: {_duration(seen.forecast.seconds)} of computing on one core, "
            f"judged by {count_of(seen.forecast.models, 'stored model')}"
            + (f"; {count_of(missing, 'definition')} without a like among them not counted" if missing else "")
        )
    if note:
        print_line(f"not looked at: examples, stored models, timings ({note})")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"
