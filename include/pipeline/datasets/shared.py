"""The options that all datasets share: which of the selected examples are used."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pipeline.components.options import Added, OptionSchema
from pipeline.datetimes import FORM, FORM_OR_NOW, NOW
from pipeline.examples.classes import LONGEST_CLASSIFICATION, name_class
from pipeline.examples.example import name_collection

# For the JSON Schema, wider than the check: engines of regular expressions disagree about what a letter is.
_COLLECTION = r"^\S{1,100}$"


def describe_moment(*examples: str, now: bool = False) -> dict[str, Any]:
    """Return what the JSON Schema of a date or time contains besides its type.

    Args:
        now: whether plans may write `now`; the moment must then decide nothing but what is selected.
    """
    if now:
        return {"pattern": FORM_OR_NOW, "examples": [*examples, NOW]}
    return {"pattern": FORM, "examples": list(examples)}


def _sort_classes(classes: list[str]) -> list[str]:
    found = sorted({name_class(name)[0] for name in classes})  # as they are stored
    if len(found) < 2:
        raise ValueError(f"at least two different classes must be named, not {len(found)}")
    return found


Classes = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=LONGEST_CLASSIFICATION)]],
    Field(min_length=2, max_length=1_000),
    AfterValidator(_sort_classes),
]


class SharedOptions(OptionSchema):
    """The options of every dataset: which examples it uses, and which of them choose the best model.

    The first five narrow the examples down in this order, before the split. `validation_ratio` and `folds` divide what
    the split leaves for training.
    """

    collection: Annotated[str, AfterValidator(name_collection)] = Field(
        default="default",
        json_schema_extra={"pattern": _COLLECTION, "examples": ["default", "news/2016"]},
        description="Which of the examples database's collections the examples come from: at most 100 letters, "
        "digits and signs of _ . : / -",
    )
    classes: Annotated[Classes | None, Added()] = Field(
        default=None,
        description="Only examples of these classes, named as the database names them, in any order; null: of all.",
    )
    duplicates: Annotated[Literal["keep", "remove"], Added()] = Field(
        default="keep",
        description="Of examples with equal texts, use all or only the oldest, so that no text is in both sets.",
    )
    max_examples: Annotated[Annotated[int, Field(ge=2, le=1_000_000_000)] | None, Added()] = Field(
        default=None,
        description="Use only this many of the examples, the newest ones; null: all.",
    )
    min_examples_per_class: Annotated[int, Added()] = Field(
        default=1,
        ge=1,
        le=1_000_000,
        description="Classes with fewer examples are left out; 1 leaves out none.",
    )

    validation_ratio: Annotated[Annotated[float, Field(gt=0, lt=1)] | None, Added()] = Field(
        default=None,
        description="Share of the training examples that do not train but choose the best model: the newest, or drawn "
        "from each class if the split is random; null: the testing set chooses.",
    )
    folds: Annotated[Annotated[int, Field(ge=2, le=20)] | None, Added()] = Field(
        default=None,
        description="Choose the best model by cross-validation of the training set with this many folds: each class "
        "divided at random if the split is random, otherwise each fold trained on the examples before it; null: no "
        "cross-validation.",
    )

    @model_validator(mode="after")
    def _check_one_way(self) -> Self:
        if self.validation_ratio is not None and self.folds is not None:
            raise ValueError(
                f"validation_ratio ({self.validation_ratio:g}) and folds ({self.folds}) are two ways to choose a model;"
                " give one of them and leave the other null"
            )
        return self

    def list_remedies(self) -> Iterator[str]:
        """Yield what a user can loosen if too few examples are left."""
        if self.classes is not None:
            yield "name more classes"
        if self.max_examples is not None:
            yield "raise max_examples"
        if self.min_examples_per_class > 1:
            yield "lower min_examples_per_class"
        if self.validation_ratio is not None:
            yield "lower validation_ratio"
        if self.folds is not None:
            yield "choose fewer folds"
