"""Curves of a model's probabilities, as the API's OpenAPI description shows them."""

from pydantic import BaseModel, Field


class ReliabilityBin(BaseModel):
    """Answers with about the same probability: the mean of it, and how many of them are right."""

    count: int
    confidence: float
    accuracy: float


class PrecisionRecall(BaseModel):
    """One class against all others."""

    average_precision: float
    points: list[tuple[float, float, float]] = Field(
        description="Recall, precision, and the threshold that gives them."
    )


class Curves(BaseModel):
    """Curves of the probabilities that a model gave its testing set."""

    reliability: list[ReliabilityBin] = Field(description="Groups of the answers by their probability, lowest first.")
    calibration_error: float = Field(description="Mean distance of probability and accuracy in these groups.")
    precision_recall: dict[str, PrecisionRecall] = Field(description="By class, at most the 50 most frequent.")
