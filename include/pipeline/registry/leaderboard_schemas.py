"""What the leaderboard's routes return, as the API's OpenAPI description shows it."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from pipeline.registry.schemas import ListedModel, Page, ValidationSet


class Metric(BaseModel):
    """What models are ranked by."""

    name: str = Field(description="As plans write it, such as `accuracy` or `recall:spam`.")
    title: str
    lower_is_better: bool


class RankedModel(ListedModel):
    """A model on the leaderboard, compared with the best listed one that was chosen and tested on the same examples."""

    score: float | None = Field(
        description="The metric on the validation set, its mean over the folds, or without either on the testing set; "
        "null if the metric was not computed."
    )
    deviation: float | None = Field(description="Standard deviation of the score over the folds.")
    validation_set: ValidationSet | None = Field(description="Null if the testing set chooses.")
    rank: int | None = Field(description="By score among models of the same sets; 1 is the best. Null without a set.")
    compared: int = Field(description="Number of models that are ranked together.")
    best: bool
    p_value: float | None = Field(description="Of the paired test against the best; null if answers are not stored.")
    adjusted_p_value: float | None = Field(description="The same, adjusted for the number of models compared.")
    tie: bool | None = Field(description="Whether the difference from the best is not significant (adjusted p ≥ 0.05).")


class ListedDefinition(BaseModel):
    """A definition of a run with its state and, if there is one, its model."""

    run_id: str
    label: str
    state: str
    error: str | None
    duplicate_of: str | None
    started_at: datetime | None
    ended_at: datetime | None
    definition: dict[str, Any]
    differences: str = Field(description="Its values of the options that differ on this page.")
    log_path: str | None = Field(
        description="Path of its training's log below Airflow's address; null before training begins."
    )
    model: RankedModel | None


class DefinitionsPage(Page[ListedDefinition]):
    """Definitions, the number in each state on all pages, and what models are ranked by."""

    states: dict[str, int]
    metric: Metric


class OptionChoices(BaseModel):
    """An option that has several values."""

    section: str
    option: str
    values: list[Any]


class Choices(BaseModel):
    """The values to filter by: names with the number of their definitions, options that differ, and tags."""

    dataset: dict[str, int]
    adapter: dict[str, int]
    model: dict[str, int]
    options: list[OptionChoices]
    tags: dict[str, int] = Field(description="Tags with the number of their runs.")
