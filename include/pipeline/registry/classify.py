"""Classify texts with a stored model. No log and no error contains a text."""

from typing import Any

from fastapi import APIRouter

from pipeline.errors import PipelineError
from pipeline.examples.example import refuse_long_texts
from pipeline.registry.access import User
from pipeline.registry.database import ModelsDb
from pipeline.registry.loaded import LoadedModels
from pipeline.registry.models import find_model
from pipeline.registry.paging import Reference
from pipeline.registry.schemas import Answers, Texts
from pipeline.threads import limit_threads

router = APIRouter(tags=["classify"])
_loaded = LoadedModels()


@router.post("/models/{reference}/classify", response_model=Answers)
def classify(_: User, database: ModelsDb, reference: Reference, body: Texts) -> dict[str, Any]:
    """Classify one text, or up to 1,000, of at most 4,000,000 characters each."""
    texts = _read_texts(body)
    found = find_model(database, reference)
    label, version = found["label"], found["version"]
    model = _loaded.get(database, label, version, found["document_sha256"])
    with limit_threads():
        classes, shares = model.answer(texts)
    rows = [None] * len(texts) if shares is None else shares.tolist()
    names = model.model.classes
    items = [
        {"classification": name, "probabilities": row and dict(zip(names, row, strict=True))}
        for name, row in zip(classes, rows, strict=True)
    ]
    return {"label": label, "version": version, "items": items}


def _read_texts(body: Texts) -> list[str]:
    if (body.text is None) == (body.texts is None):
        raise PipelineError(
            "body", "has both `text` and `texts`, or neither", 'either {"text": "…"} or {"texts": ["…", …]}'
        )
    texts = [body.text] if body.text is not None else body.texts or []
    refuse_long_texts(texts, "texts")
    return texts
