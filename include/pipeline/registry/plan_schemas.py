"""What the routes of plans take and return, as the OpenAPI description shows it."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class PlanText(BaseModel):
    """A plan as somebody has typed it so far."""

    plan: str = Field(description="The text of the plan, which need not be right.")


class Finding(BaseModel):
    """One thing that is wrong in a plan, or looks like a mistake."""

    path: str = Field(description="Such as `model.options.degree[1]`.")
    what: str
    allowed: str
    suggestion: str
    sentence: str = Field(description="All of it in one sentence, as `pipeline plan check` prints it.")
    line: int | None = Field(description="From 1; null if unknown.")
    column: int | None = Field(description="From 1, in characters.")


class NotKnown(BaseModel):
    """What could not be found out, and why."""

    what: str
    why: str


class Forecast(BaseModel):
    """The compute time of a plan on one core, estimated from stored models."""

    seconds: float
    full_seconds: float = Field(description="If every definition were trained in full; equal without a search.")
    definitions: int = Field(description="For how many definitions there is an estimate.")
    models: int = Field(description="From how many stored models.")


class Account(BaseModel):
    """How a dataset splits."""

    examples: dict[str, Any] | None = Field(description="Counts and times of the sets; null if it cannot be split.")
    by_class: dict[str, dict[str, int]] | None = Field(
        description="Examples by set and class, at most 200 classes; null if only a model's lineage tells of the sets."
    )
    missing_classes: list[str] = Field(description="Classes that the plan names and that have no example.")
    problem: str = Field(description="Why nothing can be trained on it; empty if that is possible.")


class DatasetOutline(BaseModel):
    """One of a plan's different datasets."""

    dataset: dict[str, Any] = Field(description="Its block, with every option.")
    definitions: int = Field(description="How many definitions use it.")
    differences: str = Field(description="The options in which it differs from the others.")
    selected: int | None = Field(description="How many examples it selects; null if not known.")
    account: Account | None = Field(description="How it splits; null if nobody has counted it.")
    failure: str | None = Field(description="Why a worker could not count it.")


class LabelOutline(BaseModel):
    """One definition of a plan."""

    label: str
    state: str = Field(description="`planned`, `reused` or `duplicate`.")
    duplicate_of: str | None
    differences: str


class Outline(BaseModel):
    """What a plan means; if its definitions are too many to list, only the first three."""

    listed: bool
    permutations: int
    definitions: int
    now: datetime | None = Field(None, description="What `now` means in the plan at present; null without `now`.")
    excluded: int | None = None
    repeated: int | None = None
    to_train: int | None = None
    reused: int | None = None
    same_model: int | None = Field(None, description="How many would train the same model as another.")
    datasets: int | None = None
    adapters: int | None = None
    forecast: Forecast | None = None
    search: list[dict[str, Any]] = []
    settings: dict[str, Any] = {}
    exclusions: list[dict[str, Any]] = []
    labels: list[LabelOutline] = Field([], description="At most 50.")
    splits: list[DatasetOutline] = Field([], description="At most 50.")


class PlanPreview(BaseModel):
    """What is wrong in a plan, or what it means."""

    findings: list[Finding] = Field(description="At most 100.")
    warnings: list[Finding]
    preview: Outline | None = Field(description="Null if anything is wrong.")
    not_known: list[NotKnown]


class Trainer(BaseModel):
    """A user who may train."""

    user: str
