"""What the API answers about evaluations."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from pipeline.registry.schemas import TestingSet


class ListedEvaluation(BaseModel):
    """A model's scores on a testing set, after its training."""

    evaluation_id: int
    label: str
    version: int
    run_id: str = Field(description="The run of `evaluate_models`.")
    dataset: dict[str, Any] | None = Field(
        description="Whose testing set was answered; null if it was every example of a span."
    )
    testing_set: TestingSet
    accuracy: float
    accuracy_interval: list[float] = Field(description="95 % confidence interval: lower and upper bound.")
    macro_f1: float
    gain: float = Field(description="Accuracy above always answering the most frequent class of these examples.")
    marks: list[str] = Field(
        description="Reasons for caution: those of a model, `unknown classes` and `perhaps trained on`."
    )
    unknown_examples: int = Field(description="Examples of classes that the model does not know; all wrong.")
    perhaps_trained: int = Field(description="Examples that may have trained the model.")
    seconds: float
    evaluated_at: datetime
