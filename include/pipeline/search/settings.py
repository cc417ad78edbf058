"""What a plan says about its search, and by what all searches compare."""

from typing import Any, Final, Literal

from pydantic import Field

from pipeline.components.options import Option, OptionSchema

EXAMPLES: Final = "examples"

FOLDS: Final = 5
"""Where a dataset holds nothing back for choosing, one in this many folds of its training set compares definitions."""
MOST_COMPARING: Final = 2_000
"""How many examples compare definitions at most: adapting and answering more can take longer than training on a small
part."""


class Search(OptionSchema):
    """The value of the plan's key `search`."""

    method: Literal["halving"] = Field(
        default="halving",
        description="halving: every definition is tried with little, the best of them with more, and so on; those that "
        "are left are trained in full (Jamieson and Talwalkar 2016).",
    )
    factor: int = Field(
        default=3,
        ge=2,
        le=10,
        description="One in this many definitions goes on from each rung to the next, which has this many times as "
        "much.",
    )
    smallest: float = Field(
        default=0.1, ge=0.001, le=0.5, description="The smallest part of the whole that a rung may have."
    )
    resource: Literal["examples", "iterations", "trees"] = Field(
        default=EXAMPLES,
        description="What a rung has a part of: the examples of the training set, or the iterations or trees of the "
        "model, which must be one whose size can be chosen so.",
    )


SEARCH = {name: Option(name, field) for name, field in Search.model_fields.items()}
"""The keys of a search, by name."""


def search_schema() -> dict[str, Any]:
    """Return the JSON Schema of a search; null means that there is none."""
    properties = {
        name: option.schema | {"description": option.description, "default": option.default}
        for name, option in SEARCH.items()
    }
    keys = {"propertyNames": {"enum": [*properties]}, "minProperties": 1}
    return {"type": ["object", "null"], "properties": properties, **keys}
