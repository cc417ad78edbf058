"""The trigger form's fields: one for each key of a plan, with the key's JSON Schema."""

from typing import Any
from urllib.parse import urlsplit

from airflow.sdk import get_parsing_context
from airflow.sdk.configuration import conf

from pipeline.plans.definition import SECTIONS
from pipeline.plans.example import EXAMPLE_PLAN
from pipeline.plans.naming import CALLED
from pipeline.plans.schema import DESCRIPTIONS, property_schemas
from pipeline.plans.settings import PARTS, SETTINGS

REFERENCE = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/") + "/reference"
"""Where the API server shows the reference of the options; see `reference_app`."""

# Airflow checks each schema whenever it reads the DAG, which each task does. If a schema does not name its draft,
# Airflow uses the newest one, whose check takes many times as long.
DRAFT = "http://json-schema.org/draft-07/schema#"

SWEEP = REFERENCE.removesuffix("/reference") + "/plugin/sweep"
"""Where the API server shows the page on which plans are written; see `plugins/registry.py`."""

_SECTION_HELP = """{description} One block `{{"name": …, "options": {{…}}}}`, or a list of blocks to try each of them.

Every option is a value or a list of values to try: [names and options of every {section}]({reference}/{section}s)."""

_WHOLE_PLAN_HELP = f"""
To paste a whole plan, open *Advanced Options* below and use *Configuration JSON*.
On the page [New sweep]({SWEEP}), names are completed, and you see what a plan would train while you type."""

_NULL_HELP = " This field shows null as `{}`."

_EXCLUDE_HELP = """{description}
For example `[{{"adapter.name": "Word2VecAdapter", "model.options.kernel": ["poly", "sigmoid"]}}]`:
[how rules are written]({reference}/plan#exclude)."""


def list_params() -> dict[str, dict[str, Any]]:
    """Return the arguments of a `Param` for each key of a plan, in the order of the form.

    The sections have no default: otherwise, a run that is triggered without them would train the defaults, which
    nobody wanted. The form shows their first example instead; see `trigger_check`.

    A task gets no params. It shows no form, and the config was checked when the run was created. Airflow would check
    the config and all these schemas again in each task, which takes longer than many trainings.
    """
    if get_parsing_context().task_id is not None:
        return {}
    schemas = property_schemas()
    for schema in schemas.values():
        schema.pop("description")  # plain text, which would hide the Markdown
    params = {section: _section_param(section, schemas[section]) for section in SECTIONS}
    params["exclude"] = {
        "title": "Exclude",
        "description_md": _EXCLUDE_HELP.format(description=DESCRIPTIONS["exclude"], reference=REFERENCE),
        **schemas["exclude"],
    }
    for name, option in SETTINGS.items():
        params[name] = {
            "title": name.replace("_", " ").capitalize(),
            "description_md": option.description + _NULL_HELP * (name in PARTS) + f" [More]({REFERENCE}/plan#keys)",
            **schemas[name],
        }
        if name not in CALLED:  # the form hides a section until it is opened
            params[name]["section"] = "Settings"
    params["note"]["format"] = "multiline"
    return {name: {"$schema": DRAFT, **arguments} for name, arguments in params.items()}


def list_preview_params() -> dict[str, dict[str, Any]]:
    """Return the arguments of the only `Param` of `preview_plan`: the datasets to look at, as a plan has them."""
    params = list_params()
    return {"dataset": params["dataset"]} if params else {}


def _section_param(section: str, schema: dict[str, Any]) -> dict[str, Any]:
    example = EXAMPLE_PLAN[section]
    help_text = _SECTION_HELP.format(description=DESCRIPTIONS[section], section=section, reference=REFERENCE)
    return {
        "title": section.capitalize(),
        "description_md": help_text + _WHOLE_PLAN_HELP * (section == "dataset"),
        # without an example the form has a text field for a value that may be an object or a list
        "examples": [example],
        **schema,
    }
