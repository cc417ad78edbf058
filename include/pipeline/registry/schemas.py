"""What the API takes and returns, as its OpenAPI description shows it."""

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from pipeline.examples.example import LONGEST_TEXT
from pipeline.plans.naming import Name, Note, Tags

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """`limit` of `total` items, from `offset` on."""

    items: list[T]
    total: int
    limit: int
    offset: int


class TestingSet(BaseModel):
    """The examples that a model was tested on. Scores compare only between models with the same digest."""

    __test__ = False  # pytest takes it for a test by its name

    digest: str
    collection: str | None
    examples: int | None
    first: datetime | None
    last: datetime | None


class ValidationSet(BaseModel):
    """The examples that choose the best model, without being those it is tested on."""

    digest: str
    examples: int
    folds: int | None = Field(description="Of a cross-validation; null for a part of the examples that does not train.")


class ListedModel(BaseModel):
    """A model in a list: everything except its document, lineage and scores by class."""

    label: str
    version: int
    run_id: str = Field(description="The run that trained it.")
    accuracy: float
    accuracy_interval: list[float] | None = Field(description="95 % confidence interval: lower and upper bound.")
    macro_f1: float
    gain: float | None = Field(description="Accuracy above always answering the training set's most frequent class.")
    training_seconds: float
    size_bytes: int
    created_at: datetime
    aliases: list[str]
    marks: list[str] = Field(description="Reasons for caution: `not converged`, `one class`, `below majority`.")
    retired_at: datetime | None = Field(None, description="Null if it is in use; lists leave retired models out.")
    testing_set: TestingSet | None = Field(description="Null for models of early versions, which did not record it.")


class Document(BaseModel):
    """A model's stored document."""

    encoding: str
    size_bytes: int
    sha256: str
    adapter_size_bytes: int | None = Field(
        description="Size of the adapter's part, which models may share; null for models of early versions."
    )
    adapter_shared_by: int = Field(description="Number of stored models with this adapter.")


class Announcement(BaseModel):
    """Where and when a model was announced. `published_at` is null until the broker has confirmed it."""

    exchange: str
    noted_at: datetime
    published_at: datetime | None


class Model(ListedModel):
    """Everything about a model except its document."""

    definition: dict[str, Any]
    scores: dict[str, Any]
    metric: str = Field(description="What its run ranks models by, as plans write it.")
    validation_set: ValidationSet | None = Field(description="Null if the testing set chooses.")
    lineage: dict[str, Any]
    step_seconds: dict[str, float]
    retired_by: str | None
    retired_for: str | None = Field(description="Why it was retired.")
    document: Document
    announced: Announcement | None
    log_path: str | None = Field(
        description="Null for models of early versions, which did not record the task instance."
    )


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
    trained_again: bool = Field(description="Whether the version was trained again since, and so has another document.")


class Move(BaseModel):
    """One move of an alias. `label` is null if the alias was removed; `published_at`, until the broker has the news.

    `is_deleted` says whether that model was deleted since.
    """

    move_id: int
    alias: str
    label: str | None
    version: int | None
    is_deleted: bool | None
    moved_by: str
    reason: str
    moved_at: datetime
    published_at: datetime | None


class MovesPage(BaseModel):
    """Moves, newest first. Pass `next` as `before` to get the next page; it is null on the last one."""

    items: list[Move]
    next: int | None


class NewMove(BaseModel):
    """Where to point an alias, and why."""

    model: str = Field(max_length=300, description="A label (its newest version), `label@3` or another `@alias`.")
    reason: str = Field(max_length=1000, description="Why you move it; kept in the history.")


class Retirement(BaseModel):
    """Whether a model is retired, and why that changes."""

    retired: bool
    reason: str = Field(max_length=1000, description="Why; kept with a retired model.")


class DeletedModel(BaseModel):
    """What is left of a deleted model."""

    label: str
    version: int
    run_id: str
    deleted_at: datetime
    deleted_by: str
    reason: str


class Called(BaseModel):
    """What people call a run."""

    name: Name | None = Field(None, description="Null if it has only Airflow's id.")
    note: Note | None = None
    tags: Tags = []


class NewlyCalled(Called):
    """What to call a run; what is left out stays as it is, and null removes a name or a note."""

    model_config = ConfigDict(extra="forbid")


class Run(Called):
    """A run with the number of its permutations in each state."""

    run_id: str
    created_at: datetime
    closed_at: datetime | None
    refusal: str | None = Field(description="Why its plan was refused.")
    seed: int
    metric: str = Field(description="What its models are ranked by, as plans write it.")
    permutations: int
    definitions: int
    planned: int
    training: int
    trained: int
    reused: int
    duplicate: int
    excluded: int
    stopped: int = Field(description="How many definitions the search or a budget of the plan has stopped.")
    failed: int
    cancelled: int


class Exclusion(BaseModel):
    """A rule of a plan with the number of permutations it excluded."""

    rule: Any
    permutations: int


class RunSummary(Run):
    """A run with what its plan excludes."""

    exclusions: list[Exclusion]


class Notification(BaseModel):
    """A notification as on the queue. `published_at` is null until the broker has confirmed it."""

    label: str
    version: int
    run: str
    definition: dict[str, Any]
    document_sha256: str
    scores: dict[str, Any]
    time: datetime
    published_at: datetime | None


class Pointed(BaseModel):
    """Where an alias pointed."""

    label: str
    version: int


class MoveNotification(BaseModel):
    """A move or a removal of an alias as on the queue. `published_at` is null until the broker has confirmed it."""

    event: Literal["alias.moved", "alias.removed"]
    move: int = Field(description="Later moves have larger numbers.")
    alias: str
    label: str | None = Field(description="Null if the alias was removed, as are `version` and `document_sha256`.")
    version: int | None
    document_sha256: str | None
    previous: Pointed | None = Field(description="Null if the alias pointed at nothing.")
    moved_by: str
    reason: str
    time: datetime
    published_at: datetime | None


class NotificationsPage(BaseModel):
    """Notifications in the order of their last change.

    Pass `next` as `after` in the next request, also after the last page.
    """

    items: list[Notification | MoveNotification]
    next: int
    more: bool


class Texts(BaseModel):
    """One text to classify, or several."""

    text: str | None = Field(None, max_length=LONGEST_TEXT)
    texts: list[str] | None = Field(None, max_length=1000)


class Answer(BaseModel):
    """A text's class, with a probability for each class if the model has them."""

    classification: str
    probabilities: dict[str, float] | None


class Answers(BaseModel):
    """One answer for each text, in the same order."""

    label: str
    version: int
    items: list[Answer]
