"""What the API answers about the models of one recipe."""

from datetime import datetime

from pydantic import BaseModel, Field

from pipeline.registry.schemas import TestingSet


class Span(BaseModel):
    """Examples of one set: how many, and when the first and the last occurred."""

    count: int
    first: datetime
    last: datetime


class HistoryModel(BaseModel):
    """A model of a recipe. Accuracies of different testing sets are no ranking: later examples may be harder."""

    label: str
    version: int
    run_id: str = Field(description="The run that trained it.")
    accuracy: float
    accuracy_interval: list[float] | None = Field(description="95 % confidence interval: lower and upper bound.")
    macro_f1: float
    gain: float | None = Field(description="Accuracy above always answering the training set's most frequent class.")
    marks: list[str]
    aliases: list[str]
    created_at: datetime
    training: Span | None = Field(description="What it was trained on; null for models of early versions.")
    testing: Span | None
    testing_set: TestingSet | None
