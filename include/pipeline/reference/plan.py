"""The page about the plan itself."""

from pipeline.plans.definition import SECTIONS
from pipeline.plans.example import EXAMPLE_PLAN
from pipeline.plans.schema import property_schemas
from pipeline.plans.settings import PARTS, SETTINGS
from pipeline.plans.wording import join
from pipeline.reference.components import show_default
from pipeline.reference.markdown import code, heading, json_block, link, prose, table
from pipeline.reference.values import describe_values

EXAMPLE_EXCLUDE = {
    "exclude": [
        {"adapter.options.sequence_length": 50, "model.options.degree": [4, 5]},
        {"model.name": "scikit_model_svm", "model.options.kernel": "sigmoid"},
    ]
}


def render_plan() -> list[str]:
    """Return the parts of the page."""
    return [
        "A plan is a JSON object. It names a dataset, an adapter and a model, and for their options the values to try. "
        "Each permutation of these values is one definition: one model that is trained, scored, stored and announced. "
        "This plan has four:",
        json_block(EXAMPLE_PLAN),
        heading(2, "Keys"),
        _render_keys(),
        heading(2, "Blocks"),
        *_describe_blocks(),
        heading(2, "Exclude"),
        *_describe_rules(),
        heading(2, "Search"),
        "`search` is null or an object with these keys, each of which may be left out:",
        _render_search(),
        json_block({"search": {"method": "halving", "factor": 3, "smallest": 0.1}}),
    ]


def _render_keys() -> str:
    rows = []
    for key, schema in property_schemas().items():
        values, default, meaning = "", "", prose(schema.get("description", ""))
        if key in SECTIONS:
            values, default = link("block", section="Blocks") + ", or a list of blocks", "*required*"
            meaning += f" {link('Classes and options', f'{key}s')}."
        elif key == "exclude":
            values, default = "list of " + link("rules", section="Exclude"), code("[]")
        elif key in PARTS:
            values, default = link("object", section=key.capitalize()) + " or " + code("null"), code("null")
        else:
            values, default = describe_values(SETTINGS[key].schema), show_default(SETTINGS[key])
        rows.append([code(key), values, default, meaning])
    return table(["Key", "Values", "Default", "Meaning"], rows)


def _render_search() -> str:
    rows = [
        [code(name), describe_values(option.schema), show_default(option), prose(option.description)]
        for name, option in PARTS["search"].items()
    ]
    return table(["Key", "Values", "Default", "Meaning"], rows)


def _describe_blocks() -> list[str]:
    lists = [
        f"{link(code(name), f'{section}s', component.name)} of {code(component.name)}"
        for section, family in SECTIONS.items()
        for component in family.classes.values()
        for name, option in component.options_by_name().items()
        if option.takes_list
    ]
    return [
        'A block is an object with `"name"`, the name of a class, and `"options"`, an object with a list of values to '
        "try for each option. A single value needs no list. An option that is left out has its default, and "
        '`"options"` may be left out where none is required.',
        *(
            [
                f"Where the values of an option are lists ({join(lists, ' and ')}), `[1, 2]` is one value and "
                "`[[1, 1], [1, 2]]` is two values."
            ]
            if lists
            else []
        ),
        "A list of blocks tries each of its blocks: the plan's permutations are those of every combination of a "
        "dataset's, an adapter's and a model's block.",
    ]


def _describe_rules() -> list[str]:
    names = join([code(f"{section}.name") for section in SECTIONS], " and ")
    options = join([code(f"{section}.options.OPTION") for section in SECTIONS], " and ")
    return [
        "`exclude` is a list of rules. A rule is an object of conditions; a permutation that meets all of them is "
        "dropped. A condition is a path with one value, or with a list of values any of which meets it. The paths are "
        f"{names}, and {options} with an option's name in place of `OPTION`. A permutation whose class has no such "
        "option does not meet the condition.",
        json_block(EXAMPLE_EXCLUDE),
    ]
