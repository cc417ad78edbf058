"""Classify texts with a stored model. No log and no error contains a text."""

from typing import Any

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from pipeline.errors import PipelineError
from pipeline.examples.example import check_texts
from pipeline.registry.access import User
from pipeline.registry.database import ModelsDb
from pipeline.registry.limits import MOST_CLASSIFICATIONS, RETRY_SECONDS
from pipeline.registry.loaded import LoadedModels
from pipeline.registry.models import find_model
from pipeline.registry.paging import Reference
from pipeline.registry.schemas import Answers, Texts
from pipeline.threads import limit_threads
from pipeline.training.adapted_model import AdaptedModel
from pipeline.web.limit import limited

router = APIRouter(tags=["classify"], route_class=limited(MOST_CLASSIFICATIONS, RETRY_SECONDS))
_loaded = LoadedModels()


@router.post("/models/{reference}/classify", response_model=Answers)
async def classify(_: User, database: ModelsDb, reference: Reference, body: Texts) -> Response:
    """Classify one text, or up to 1,000. Each has at most 4,000,000 characters, and at least one that is visible."""
    texts = _read_texts(body)
    found = await run_in_threadpool(find_model, database, reference)
    model = await _loaded.get(database, found["label"], found["version"], found["document_sha256"])
    return Response(await run_in_threadpool(_write_answers, found, model, texts), media_type="application/json")


def _write_answers(found: dict[str, Any], model: AdaptedModel, texts: list[str]) -> bytes:
    """Return the answers to texts as JSON."""
    with limit_threads():
        classes, shares = model.answer(texts)
    rows = [None] * len(texts) if shares is None else shares.tolist()
    names = model.model.classes
    items = [
        {"classification": name, "probabilities": row and dict(zip(names, row, strict=True))}
        for name, row in zip(classes, rows, strict=True)
    ]
    answers = {"label": found["label"], "version": found["version"], "items": items}
    return Answers.model_validate(answers).model_dump_json().encode()


def _read_texts(body: Texts) -> list[str]:
    if (body.text is None) == (body.texts is None):
        raise PipelineError(
            "body", "has both `text` and `texts`, or neither", 'either {"text": "…"} or {"texts": ["…", …]}'
        )
    texts = [body.text] if body.text is not None else body.texts or []
    check_texts(texts, "texts")
    return texts
