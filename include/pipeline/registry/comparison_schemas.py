"""What the API answers about several models together."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from pipeline.registry.schemas import Model, Page, TestingSet


class EffectOfValue(BaseModel):
    """The scores of the models that share one value of an option."""

    value: str
    given: Any = Field(description="The value as plans have it, which `without` takes as JSON.")
    mean: float
    scores: list[float]


class Effect(BaseModel):
    """One option's effect. `component` is the class that has the option; null if it is the choice of a class."""

    section: str
    component: str | None
    option: str
    explained: float = Field(
        description="Share of the score's variance that this option explains (eta squared), 0 to 1."
    )
    values: list[EffectOfValue]


class OptionName(BaseModel):
    """An option. `component` is the class that has it; null if it is the choice of a class."""

    section: str
    component: str | None
    option: str


class Cell(BaseModel):
    """The models that share a value of each of two options, by the places of the values."""

    row: int
    column: int
    mean: float
    models: int


class Interaction(BaseModel):
    """Two options together, among the models that have both."""

    first: OptionName
    second: OptionName
    rows: list[str] = Field(description="The values of the first option.")
    columns: list[str] = Field(description="The values of the second option.")
    cells: list[Cell] = Field(description="Combinations without a model are left out.")
    explained: float = Field(description="Share of the score's variance that the two explain together, 0 to 1.")
    beyond: float = Field(description="How much of it is more than what each explains by itself.")


class TestedModels(TestingSet):
    """A testing set and the number of the run's models that were tested on it."""

    models: int


class Effects(BaseModel):
    """The options that vary among a run's models of one testing set; the one that explains most comes first."""

    score: str
    definitions: int
    testing_set: TestingSet | None = Field(description="What these models were tested on.")
    testing_sets: list[TestedModels] = Field(
        description="All testing sets of the run; the one with the most models comes first."
    )
    options: list[Effect]
    interactions: list[Interaction] = Field(description="The pairs of options that interact most; the strongest first.")


class DifferingOption(BaseModel):
    """An option with its value in each model; null if a model does not have the option."""

    section: str
    option: str
    values: list[Any]


class ComparedClass(BaseModel):
    """One class's scores in each model; null if a model does not know the class."""

    classification: str
    support: int
    f1: list[float | None]
    precision: list[float | None]
    recall: list[float | None]


class ComparedPair(BaseModel):
    """Two models, by their positions in `models`.

    Null if they were tested on different examples, or the answers of one are not stored.
    """

    first: int
    second: int
    testing_examples: int | None
    differing: int | None
    only_first_right: int | None
    only_second_right: int | None
    p_value: float | None
    tie: bool | None


class Disagreement(BaseModel):
    """A testing example on which models disagree: its id, who is right, and equal numbers for equal answers."""

    example: str
    right: list[bool]
    answers: list[int]


class AnsweredSet(TestingSet):
    """A testing set and the number of the compared models that have answered it."""

    models: int


class ComparedScores(BaseModel):
    """A model's scores on the examples that are compared."""

    accuracy: float
    accuracy_interval: list[float] | None
    macro_f1: float
    gain: float | None = Field(description="Null for an evaluation, whose baseline is another one.")
    marks: list[str]
    evaluated_at: datetime | None = Field(description="Null if they are of its training.")


class Comparison(BaseModel):
    """Models side by side. `disagreements` is null unless all models answered the same examples."""

    models: list[Model]
    testing_set: AnsweredSet | None = Field(
        description="What scores, classes, pairs and disagreements are of; null if they are of the own set of each."
    )
    testing_sets: list[AnsweredSet] = Field(
        description="All testing sets that one of the models has answered; those that most have answered come first."
    )
    scores: list[ComparedScores | None] = Field(description="Of each model; null if it has not answered the set.")
    options: list[DifferingOption]
    classes: list[ComparedClass]
    pairs: list[ComparedPair]
    disagreements: Page[Disagreement] | None
