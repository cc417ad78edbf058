"""What the API answers, as its OpenAPI description shows it."""

from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field

from pipeline.examples.example import LONGEST_TEXT

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Some of `total` things, from the one at `offset` on."""

    items: list[T]
    total: int
    limit: int
    offset: int


class TestingSet(BaseModel):
    """What a model was tested on; scores of models with another digest cannot be compared with its own."""

    __test__ = False  # no test, whatever pytest thinks of its name

    digest: str
    collection: str | None
    examples: int | None
    first: datetime | None
    last: datetime | None


class ListedModel(BaseModel):
    """A model as lists show it: everything but its document, lineage and scores by class."""

    label: str
    version: int
    run_id: str = Field(description="the run that trained it")
    accuracy: float
    accuracy_interval: list[float] | None = Field(description="95 % confidence interval, its low end first")
    macro_f1: float
    gain: float | None = Field(description="accuracy above always answering the most frequent class")
    training_seconds: float
    size_bytes: int
    created_at: datetime
    aliases: list[str]
    marks: list[str] = Field(description="what speaks against it: `not converged`, `one class`, `below majority`")
    testing_set: TestingSet | None = Field(description="null in models of before it was written down")


class RankedModel(ListedModel):
    """A model on the leaderboard, compared with the best of all listed ones that were tested on the same examples."""

    rank: int | None = Field(description="by accuracy among them, 1 for the best; null without a testing set")
    best: bool
    p_value: float | None = Field(description="of the paired test against the best; null where answers are not stored")
    tie: bool | None = Field(description="whether the difference from the best is not significant (p-value from 0.05)")


class ListedDefinition(BaseModel):
    """A definition of a run, its state, and its model where there is one."""

    run_id: str
    label: str
    state: str
    error: str | None
    duplicate_of: str | None
    started_at: datetime | None
    ended_at: datetime | None
    definition: dict[str, Any]
    differences: str = Field(description="the options in which the definitions of this page differ")
    log_path: str | None = Field(
        description="the log of the task instance that trains it, below Airflow's address; null before it has begun"
    )
    model: RankedModel | None


class DefinitionsPage(Page[ListedDefinition]):
    """Definitions, and how many of all that were asked for are in each state."""

    states: dict[str, int]


class OptionChoices(BaseModel):
    """An option that has more than one value."""

    section: str
    option: str
    values: list[Any]


class Choices(BaseModel):
    """What there is to filter by: names with how many definitions have them, and options that differ."""

    dataset: dict[str, int]
    adapter: dict[str, int]
    model: dict[str, int]
    options: list[OptionChoices]


class Document(BaseModel):
    """A model's document as it is stored."""

    encoding: str
    size_bytes: int
    sha256: str
    adapter_size_bytes: int | None = Field(description="the adapter's part, which models may share; null in old ones")
    adapter_shared_by: int = Field(description="how many stored models have this adapter")


class Announcement(BaseModel):
    """Where and when a model was announced; `published_at` is null until the broker has it."""

    exchange: str
    noted_at: datetime
    published_at: datetime | None


class Model(ListedModel):
    """All of a model but its document."""

    definition: dict[str, Any]
    scores: dict[str, Any]
    lineage: dict[str, Any]
    step_seconds: dict[str, float]
    document: Document
    announced: Announcement | None
    log_path: str | None = Field(description="null where nobody wrote down which task instance trained it")


class Alias(BaseModel):
    """Where an alias points, and who moved it there, when and why."""

    alias: str
    label: str
    version: int
    run_id: str
    accuracy: float
    testing_set: TestingSet | None
    moved_by: str
    reason: str
    moved_at: datetime
    trained_again: bool = Field(description="whether that version has got another document since")


class Move(BaseModel):
    """One move of an alias; without a label it was taken away."""

    move_id: int
    alias: str
    label: str | None
    version: int | None
    moved_by: str
    reason: str
    moved_at: datetime


class MovesPage(BaseModel):
    """Moves, the newest first; `next` is `before` of the following page, null after the oldest."""

    items: list[Move]
    next: int | None


class NewMove(BaseModel):
    """Where an alias is to point, and why."""

    model: str = Field(max_length=300, description="a label, `label@3` for its third version, or another alias")
    reason: str = Field(max_length=1000, description="why, for whoever asks later")


class Run(BaseModel):
    """A run and how many of its permutations are in each state."""

    run_id: str
    created_at: datetime
    closed_at: datetime | None
    refusal: str | None = Field(description="why its plan was refused")
    seed: int
    permutations: int
    definitions: int
    planned: int
    training: int
    trained: int
    reused: int
    duplicate: int
    excluded: int
    failed: int
    cancelled: int


class Exclusion(BaseModel):
    """A rule of a plan, and how many permutations it left out."""

    rule: Any
    permutations: int


class RunSummary(Run):
    """A run, and what its plan excludes."""

    exclusions: list[Exclusion]


class Notification(BaseModel):
    """A notification as the queue has it; `published_at` is null until the broker has it."""

    label: str
    version: int
    run: str
    definition: dict[str, Any]
    document_sha256: str
    scores: dict[str, Any]
    time: datetime
    published_at: datetime | None


class NotificationsPage(BaseModel):
    """Notifications in the order they came or changed; `next` is `after` of the following request, also at the end."""

    items: list[Notification]
    next: int
    more: bool


class Texts(BaseModel):
    """What to classify: one text, or several."""

    text: str | None = Field(None, max_length=LONGEST_TEXT)
    texts: list[str] | None = Field(None, max_length=1000)


class Answer(BaseModel):
    """A text's class, and how likely each class is where the model tells."""

    classification: str
    probabilities: dict[str, float] | None


class Answers(BaseModel):
    """One answer a text, in the same order."""

    label: str
    version: int
    items: list[Answer]
