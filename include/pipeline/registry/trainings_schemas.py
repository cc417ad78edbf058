"""What the routes of a run's pictures return, as the API's OpenAPI description shows it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from pipeline.registry.comparison_schemas import TestedModels
from pipeline.registry.leaderboard_schemas import Metric
from pipeline.registry.schemas import TestingSet, ValidationSet


class ListedOption(BaseModel):
    """An option with several values in a run. `component` is the class that has it; null if it is the choice of one."""

    section: str
    component: str | None
    option: str
    values: list[str] = Field(description="In order: numbers by size, then texts.")


class Step(BaseModel):
    """A score on the way: `at` is the part of the whole with which a search tried it, or the number of a fold."""

    at: float
    score: float


class DrawnDefinition(BaseModel):
    """A definition with what pictures show of it. Without a model, its scores and costs are null."""

    label: str
    state: str
    error: str | None
    model: str | None = Field(description="Its model, as `label@version`.")
    recipe: str = Field(description="Its values of the options that differ.")
    values: list[int | None] = Field(
        description="The places of its values in `options`; null if it has no such option."
    )
    score: float | None
    deviation: float | None
    accuracy: float | None
    training_seconds: float | None
    size_bytes: int | None
    best: bool
    tie: bool | None = Field(description="See the leaderboard; null if answers are not stored, or below the 200 best.")
    steps: list[Step]


class Fronts(BaseModel):
    """Labels of the models that no other beats in score without costing more, the cheapest first, for each cost."""

    training_seconds: list[str]
    size_bytes: list[str]


class Trainings(BaseModel):
    """A run's models that compare, the best first, and after them the definitions without a model."""

    metric: Metric
    testing_set: TestingSet | None
    validation_set: ValidationSet | None = Field(description="Null if the testing set chooses.")
    testing_sets: list[TestedModels]
    options: list[ListedOption]
    fronts: Fronts
    steps_of: Literal["parts", "folds"] | None = Field(description="What steps are; null if there are none.")
    definitions: list[DrawnDefinition]


class Wait(BaseModel):
    """How long a training waited for what another one prepared."""

    at: float = Field(description="Seconds after the training began.")
    seconds: float
    what: str
    made_by: str | None = Field(description="The label of the training that made it; null if that is not known.")


class Bar(BaseModel):
    """A training or a trial of a search. `lane` counts from 0; a lane has one host and one thing at a time."""

    label: str
    state: str = Field(description="The definition's state, or `trial`.")
    rung: int | None = Field(description="Of a trial, counted from 0.")
    host: str | None = Field(description="Null in runs of early versions.")
    lane: int
    began_at: datetime
    ended_at: datetime
    waits: list[Wait]


class Timeline(BaseModel):
    """What the workers did in a run. What has not ended yet ends now."""

    began_at: datetime
    ended_at: datetime | None
    bars: list[Bar]
