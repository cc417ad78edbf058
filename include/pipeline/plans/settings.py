"""A plan's settings: its keys besides the three sections and `exclude`."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, Strict, WithJsonSchema

from pipeline.components.options import Option, OptionSchema
from pipeline.plans.metric import MetricName
from pipeline.search.settings import SEARCH, Search, search_schema


class Settings(OptionSchema):
    """A plan's settings; the default is the value for a plan without the key."""

    seed: int = Field(
        default=0, ge=0, le=2**32 - 1, description="Seeds everything that is drawn at random, including the sample."
    )
    sample: int | None = Field(
        default=None,
        json_schema_extra={"minimum": 1},
        ge=1,
        le=1_000_000_000,
        description="Train only this many definitions, drawn at random from those that are not excluded; null trains "
        "all of them.",
    )
    max_definitions: int = Field(
        default=1_000, ge=1, le=1_000_000, description="A plan with more definitions is refused."
    )
    on_existing: Literal["train", "reuse"] = Field(
        default="train",
        description="What to do with a definition that has been trained before with the same seed on the same "
        "examples: train it again, or reuse the model that is stored.",
    )
    collapse_inert: bool = Field(
        default=False,
        description="Of definitions that differ only in options that change nothing, train one and record the others "
        "as its duplicates.",
    )
    metric: MetricName = Field(
        default="accuracy",
        description="The score that ranks models: accuracy, macro_f1, balanced_accuracy, log_loss, f1:CLASS or "
        "recall:CLASS. It is computed on what the dataset holds back for choosing, or else on the testing set.",
    )
    search: Annotated[Annotated[Search, Strict(False)] | None, WithJsonSchema(search_schema())] = Field(
        default=None,
        description="Try every definition with a part of the whole first and train in full only the best, so that the "
        "run ends sooner; null: train every definition in full.",
    )
    encoding: Literal["json", "binary"] = Field(
        default="json",
        description="How models are stored: json, which PostgreSQL and people can read, or binary, which is smaller "
        "and loads faster.",
    )


SETTINGS = {name: Option(name, field) for name, field in Settings.model_fields.items()}
"""The settings by name."""

PARTS: Mapping[str, Mapping[str, Option]] = {"search": SEARCH}
"""The keys of those settings that are objects."""
