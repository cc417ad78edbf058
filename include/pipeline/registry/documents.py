"""Routes of documents, in either encoding."""

from asyncio import Semaphore
from collections.abc import AsyncIterator
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from pipeline.registry.access import User
from pipeline.registry.database import ModelsDb
from pipeline.registry.limits import MOST_DOWNLOADS, MOST_PREPARED, RETRY_SECONDS
from pipeline.registry.models import find_model
from pipeline.registry.paging import Reference
from pipeline.serialisation.document import SplitDocument, join_bytes
from pipeline.stores.database import Database
from pipeline.stores.models.read import read_document
from pipeline.web.digest import HEADER, digest_content
from pipeline.web.limit import limited

router = APIRouter(tags=["documents"], route_class=limited(MOST_DOWNLOADS, RETRY_SECONDS))

MEDIA_TYPES: Final = {"json": "application/json", "binary": "application/octet-stream"}
SUFFIXES: Final = {"json": "json", "binary": "safetensors.zst"}
_CHUNK_BYTES: Final = 2**20
_PREPARING = Semaphore(MOST_PREPARED)


@router.head("/models/{reference}/document", include_in_schema=False)
@router.get("/models/{reference}/document", response_class=StreamingResponse)
async def get_document(
    _: User,
    database: ModelsDb,
    request: Request,
    reference: Reference,
    encoding: Annotated[
        Literal["json", "binary"] | None, Query(description="The encoding; by default the stored one.")
    ] = None,
    if_none_match: Annotated[str | None, Header(description="The `ETag` of the document that you have.")] = None,
) -> Response:
    """Download a model's document, which `AdaptedModel.from_document` loads."""
    model = await run_in_threadpool(find_model, database, reference)
    label, version, wanted = model["label"], model["version"], encoding or model["encoding"]
    tag = _tag(model["document_sha256"], wanted)
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        # Airflow would compress it, which takes longer than most networks; the binary encoding is compressed already
        "Content-Encoding": "identity",
        "Content-Disposition": f'attachment; filename="{label}-{version}.{SUFFIXES[wanted]}"',
        "X-Model": f"{label}@{version}",
    }
    if _matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        return StreamingResponse(_cut([]), headers=headers, media_type=MEDIA_TYPES[wanted])  # without a length
    async with _PREPARING:
        document, parts, digest = await run_in_threadpool(_prepare, database, label, version, wanted)
    headers["ETag"] = _tag(document.sha256.hex(), wanted)  # it may have been trained again in the meantime
    headers[HEADER] = digest
    return StreamingResponse(_cut(parts), headers=headers, media_type=MEDIA_TYPES[wanted])


def _tag(sha256: str, encoding: str) -> str:
    """Return a weak tag: a proxy may compress the bytes, and another version may write them differently."""
    return f'W/"{sha256}-{encoding}"'


def _matches(if_none_match: str | None, tag: str) -> bool:
    """Return whether `If-None-Match` lists the tag, by the weak comparison of RFC 9110."""
    given = [each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")]
    return "*" in given or tag.removeprefix("W/") in given


def _prepare(database: Database, label: str, version: int, encoding: str) -> tuple[SplitDocument, list[bytes], str]:
    """Return a document, the parts in which it is sent, and their digest."""
    document = read_document(database, label, version)
    parts = join_bytes(document, encoding)
    return document, parts, digest_content(parts)


async def _cut(parts: list[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        view = memoryview(part)
        for start in range(0, len(view), _CHUNK_BYTES):
            yield bytes(view[start : start + _CHUNK_BYTES])
