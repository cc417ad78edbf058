"""What the API answers about several models together."""

from typing import Any

from pydantic import BaseModel, Field

from pipeline.registry.schemas import Model, Page, TestingSet


class EffectOfValue(BaseModel):
    """The scores of the definitions that have one value of an option."""

    value: str
    mean: float
    scores: list[float]


class Effect(BaseModel):
    """One option's effect; `component` is the class that has it, null where the option is which class it is."""

    section: str
    component: str | None
    option: str
    explained: float = Field(description="share of the score's variation that goes with this option, eta squared")
    values: list[EffectOfValue]


class TestedModels(TestingSet):
    """A testing set, and how many models of the run were tested on it."""

    models: int


class Effects(BaseModel):
    """Every option that has several values among a run's models of one testing set, what matters most first."""

    score: str
    definitions: int
    testing_set: TestingSet | None = Field(description="what these models were tested on")
    testing_sets: list[TestedModels] = Field(description="all testing sets of the run, that of most models first")
    options: list[Effect]


class DifferingOption(BaseModel):
    """An option with its value in each model; null where a model has none."""

    section: str
    option: str
    values: list[Any]


class ComparedClass(BaseModel):
    """One class's scores in each model; null where a model does not know it."""

    classification: str
    support: int
    f1: list[float | None]
    precision: list[float | None]
    recall: list[float | None]


class ComparedPair(BaseModel):
    """Two models, by their places; null where they were not tested on the same examples, or answers are not stored."""

    first: int
    second: int
    testing_examples: int | None
    differing: int | None
    only_first_right: int | None
    only_second_right: int | None
    p_value: float | None
    tie: bool | None


class Disagreement(BaseModel):
    """A testing example that not all models answer alike: its id, who is right, and equal numbers for equal answers."""

    example: str
    right: list[bool]
    answers: list[int]


class Comparison(BaseModel):
    """Models side by side; `disagreements` is null unless all were tested on the same examples."""

    models: list[Model]
    options: list[DifferingOption]
    classes: list[ComparedClass]
    pairs: list[ComparedPair]
    disagreements: Page[Disagreement] | None
