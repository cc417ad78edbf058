"""What the service takes and returns, as its OpenAPI description shows it."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from pipeline.examples.example import LONGEST_TEXT
from pipeline.visible import is_blank

MOST_TEXTS = 1_000


def _refuse_blank(text: str) -> str:
    if is_blank(text):
        raise ValueError("the text is empty: give at least one visible character")
    return text


GivenText = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(_refuse_blank)]


class Texts(BaseModel):
    """One text to classify, or several, and the model to classify them with."""

    model_config = ConfigDict(extra="forbid")

    text: GivenText | None = None
    texts: list[GivenText] | None = Field(None, max_length=MOST_TEXTS)
    model: str | None = Field(None, description="One of those in /v1/models; by default the first.")

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if (self.text is None) == (self.texts is None):
            raise ValueError('give either "text" or "texts"')
        return self

    @property
    def all(self) -> list[str]:
        """The texts to classify."""
        return [self.text] if self.text is not None else self.texts or []


class Line(BaseModel):
    """A line of a stream: a text, and whatever names it for the client."""

    model_config = ConfigDict(extra="forbid")

    text: GivenText
    id: str | int | None = Field(None, description="Comes back with the answer.")


class Item(BaseModel):
    """A text's class, with a probability for each class if the model has them."""

    classification: str
    probabilities: dict[str, float] | None


class Answers(BaseModel):
    """One answer for each text, in the same order, all by the same version."""

    model: str = Field(description="The reference that was asked, such as @champion.")
    label: str
    version: int
    items: list[Item]


class Trouble(BaseModel):
    """Why a reference is not served as it should be."""

    what: str
    since: datetime


class ServedModel(BaseModel):
    """A reference, and the version that every process of the service answers with."""

    model: str
    label: str | None = Field(description="Null until it is in service.")
    version: int | None
    document_sha256: str | None
    since: datetime | None = Field(description="When every process had begun to answer with it.")
    trouble: Trouble | None = Field(description="Why it is not what the reference points at, if that is so.")
