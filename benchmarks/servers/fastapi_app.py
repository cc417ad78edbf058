"""A plain FastAPI route around a pipeline: `MODEL=model.joblib uvicorn servers.fastapi_app:app`."""

import os

import joblib
from fastapi import FastAPI
from pydantic import BaseModel

from servers.plain import classify


class Question(BaseModel):
    """Texts."""

    texts: list[str]


class Answer(BaseModel):
    """What the pipeline says of a text."""

    classification: str
    probabilities: dict[str, float] | None = None


app = FastAPI()
pipeline = joblib.load(os.environ["MODEL"])


@app.post("/classify")
def answer(question: Question) -> list[Answer]:
    """Classify texts."""
    return classify(pipeline, question.texts)  # type: ignore[return-value]
