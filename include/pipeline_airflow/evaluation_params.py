"""The trigger form's fields of `evaluate_models`: which models are scored, and on which examples."""

from typing import Any

from airflow.sdk import get_parsing_context

from pipeline.datetimes import FORM
from pipeline.loading.load import DEFAULT_COLLECTION
from pipeline.plans.schema import property_schemas
from pipeline.runs.evaluation_request import LONGEST_REFERENCE, MOST_MODELS
from pipeline_airflow.params import DRAFT

_MODELS_HELP = "One model a line: its label (the newest version), `label@3` for its third version, or `@alias`."

_DATASET_HELP = """The models are scored on the testing set of this dataset, a block `{"name": …, "options": {…}}` as in
a training plan. Leave it empty, which this field shows as `{}`, to score them on every example of a span."""

_MOMENT_HELP = (
    "The {which} of the span, as year-month-day with or without a time, such as `2016-1-1`; UTC unless offset. {empty}"
)


def list_evaluation_params() -> dict[str, dict[str, Any]]:
    """Return the arguments of a `Param` for each key of the configuration, in the order of the form.

    A task gets none, see `list_params`.
    """
    if get_parsing_context().task_id is not None:
        return {}
    moment = {"type": ["string", "null"], "default": None, "pattern": FORM, "maxLength": 60}
    params: dict[str, dict[str, Any]] = {
        "models": {
            "title": "Models",
            "description_md": _MODELS_HELP,
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": LONGEST_REFERENCE},
            "minItems": 1,
            "maxItems": MOST_MODELS,
        },
        "collection": {
            "title": "Collection",
            "description_md": f"The collection of the examples; empty for `{DEFAULT_COLLECTION}`.",
            "type": ["string", "null"],
            "default": None,
            "maxLength": 100,
        },
        "from": {
            "title": "From",
            "description_md": _MOMENT_HELP.format(which="first moment", empty="Empty for the first example."),
            **moment,
        },
        "to": {
            "title": "To",
            "description_md": _MOMENT_HELP.format(which="end, which is not a part", empty="Empty for now."),
            **moment,
        },
        "dataset": {
            "title": "Or the testing set of a dataset",
            "description_md": _DATASET_HELP,
            "type": ["object", "null"],
            "default": None,
            "if": {"type": "object", "minProperties": 1},
            "then": property_schemas()["dataset"]["else"],  # one block
        },
    }
    return {name: {"$schema": DRAFT, **arguments} for name, arguments in params.items()}
