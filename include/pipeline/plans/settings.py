"""A plan's settings: its keys besides the three sections and `exclude`."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict, WithJsonSchema

from pipeline.components.options import Option, OptionSchema
from pipeline.plans.metric import MetricName
from pipeline.plans.naming import Name, Note, Tags
from pipeline.search.settings import SEARCH, Search, search_schema


def _require_count_or_share(value: float) -> float:
    if not (0 < value < 1 or (isinstance(value, int) and value >= 1)):
        raise ValueError("input should be a whole number from 1, or a share between 0 and 1,")
    return value


_COUNT_OR_SHARE = {
    "anyOf": [{"type": "integer", "minimum": 1}, {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}]
}

CountOrShare = Annotated[int | float, AfterValidator(_require_count_or_share), WithJsonSchema(_COUNT_OR_SHARE)]
"""How many, or which share of all."""


class Settings(OptionSchema):
    """A plan's settings; the default is the value for a plan without the key."""

    name: Name | None = Field(
        default=None, description="What people call the run, wherever it is shown; null: it has only Airflow's id."
    )
    note: Note | None = Field(default=None, description="What people should know about the run.")
    tags: Tags = Field(default=[], description="Words by which runs are found.")
    seed: int = Field(
        default=0, ge=0, le=2**32 - 1, description="Seeds everything that is drawn at random, including the sample."
    )
    sample: int | None = Field(
        default=None,
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
        'run ends sooner, for example {"method": "halving"}; null: train every definition in full.',
    )
    max_failures: CountOrShare | None = Field(
        default=None,
        description="Once so many definitions have failed, a number or a share of those to train, the rest is "
        "cancelled; null: the rest goes on.",
    )
    max_minutes: Annotated[float, Field(gt=0, le=100_000)] | None = Field(
        default=None,
        description="What has not begun so many minutes after the run is stopped, and what is running ends; null: all "
        "begin.",
    )
    max_memory_mb: Annotated[int, Field(ge=300, le=100_000_000)] | None = Field(
        default=None,
        description="A definition fails whose process takes more memory than this many megabytes, of which Python and "
        "its libraries take some 300; null: it takes what it needs.",
    )
    encoding: Literal["json", "binary"] = Field(
        default="json",
        description="How models are stored: json, which PostgreSQL and people can read, or binary, which is smaller "
        "and loads faster.",
    )

    @property
    def budgets(self) -> dict[str, float]:
        """The budgets that the plan sets, by name."""
        return {name: value for name in BUDGETS if (value := getattr(self, name)) is not None}


BUDGETS = ("max_failures", "max_minutes", "max_memory_mb")
"""The settings that end what takes too much."""

SETTINGS = {name: Option(name, field) for name, field in Settings.model_fields.items()}
"""The settings by name."""

PARTS: Mapping[str, Mapping[str, Option]] = {"search": SEARCH}
"""The keys of those settings that are objects."""
