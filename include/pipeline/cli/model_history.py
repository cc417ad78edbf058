"""`pipeline models history`"""

from typing import Any

from pipeline.cli.connect import connections, models_store
from pipeline.cli.leaderboard import format_interval, name_testing_set
from pipeline.cli.output import AsJson, print_json, print_line, print_table
from pipeline.cli.reference import Label, resolve
from pipeline.plans.wording import count_of

_DAY = len("2016-01-01")
_MINUTE = len("2016-01-01T09:30")


def show_history(label: Label, as_json: AsJson = False) -> None:
    """List the models of the same recipe, trained on other spans; the oldest testing span first.

    A recipe is the adapter, the model and the dataset with all their options, except the dataset's moments.
    """
    from pipeline.stores.models.history import list_history

    model = models_store().get_model(*resolve(label))
    found = list_history(connections().models_db, model["definition"])
    if as_json:
        print_json(found)
        return
    columns = (
        "label",
        "version",
        "tested on",
        "accuracy",
        "95 % interval",
        "trained on",
        "examples",
        "aliases",
        "stored",
    )
    print_table(columns, [_row(each) for each in found])
    sets = {name_testing_set(each["testing_set"]) for each in found}
    told = count_of(len(found), "model")
    print_line(f"{told} of the recipe of {model['label']}@{model['version']}, {count_of(len(sets), 'testing set')}")
    if len(sets) > 1:
        print_line("Accuracies of different testing sets are no ranking: later examples may be harder or easier.")


def _row(model: dict[str, Any]) -> tuple[Any, ...]:
    training, testing = model["training"], model["testing"]
    return (
        model["label"],
        model["version"],
        _format_span(testing),
        model["accuracy"],
        format_interval(model["accuracy_interval"]),
        _format_span(training),
        f"{training['count']:,} + {testing['count']:,}" if training and testing else None,
        ", ".join(f"@{alias}" for alias in model["aliases"]) or None,
        model["created_at"],
    )


def _format_span(span: dict[str, Any] | None) -> str | None:
    """Return `2016-01-01 – 2016-01-31`; with times if it is a single day."""
    if not span or "first" not in span:
        return None
    length = _DAY if span["first"][:_DAY] != span["last"][:_DAY] else _MINUTE
    return f"{span['first'][:length]} – {span['last'][:length]}"
