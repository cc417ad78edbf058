"""Routes of documents, in either encoding."""

import base64
import hashlib
from collections.abc import Iterator
from threading import BoundedSemaphore
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from pipeline.registry.access import User
from pipeline.registry.database import ModelsDb
from pipeline.registry.models import find_model
from pipeline.registry.paging import Reference
from pipeline.serialisation.document import join_bytes
from pipeline.stores.models.store import ModelsStore

router = APIRouter(tags=["documents"])

MEDIA_TYPES: Final = {"json": "application/json", "binary": "application/octet-stream"}
SUFFIXES: Final = {"json": "json", "binary": "safetensors.zst"}
_CHUNK_BYTES: Final = 2**20
_AT_ONCE = BoundedSemaphore(2)  # each may take a gigabyte


@router.head("/models/{reference}/document", include_in_schema=False)
@router.get("/models/{reference}/document", response_class=StreamingResponse)
def get_document(
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
    model = find_model(database, reference)
    label, version, wanted = model["label"], model["version"], encoding or model["encoding"]
    tag = _tag(model["document_sha256"], wanted)
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'attachment; filename="{label}-{version}.{SUFFIXES[wanted]}"',
        "X-Model": f"{label}@{version}",
    }
    if _matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        return StreamingResponse(iter(()), headers=headers, media_type=MEDIA_TYPES[wanted])  # without a length
    with _AT_ONCE:
        document = ModelsStore(database).get_document(label, version)
        parts = join_bytes(document, wanted)
    headers["ETag"] = _tag(document.sha256.hex(), wanted)  # it may have been trained again in the meantime
    headers["Content-Digest"] = _digest(parts)
    return StreamingResponse(_cut(parts), headers=headers, media_type=MEDIA_TYPES[wanted])


def _tag(sha256: str, encoding: str) -> str:
    """Return a weak tag: a proxy may compress the bytes, and another version may write them differently."""
    return f'W/"{sha256}-{encoding}"'


def _digest(parts: list[bytes]) -> str:
    """Return the digest of what is sent, as RFC 9530 writes it."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"


def _matches(if_none_match: str | None, tag: str) -> bool:
    """Return whether `If-None-Match` lists the tag, by the weak comparison of RFC 9110."""
    given = [each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")]
    return "*" in given or tag.removeprefix("W/") in given


def _cut(parts: list[bytes]) -> Iterator[bytes]:
    for part in parts:
        view = memoryview(part)
        for start in range(0, len(view), _CHUNK_BYTES):
            yield bytes(view[start : start + _CHUNK_BYTES])
