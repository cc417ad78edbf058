"""Streams: a line of JSON for each text, answered by a line of JSON, in bounded memory."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from pydantic import ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from pipeline.errors import PipelineError
from pipeline.service import metrics
from pipeline.service.answers import list_items
from pipeline.service.desk import MOST_TEXTS, Desk
from pipeline.service.schemas import Line

MEDIA_TYPE: Final = "application/x-ndjson"
LONGEST_LINE_BYTES: Final = 4 * 2**20

_TOO_LONG: Final = f"a line of more than {LONGEST_LINE_BYTES:,} bytes; the rest of the stream was not read"


class Lines(StreamingResponse):
    """A response that is written while the request's body is read."""

    media_type = MEDIA_TYPE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the lines. Starlette would read the body too, to hear of a client that leaves, and so take it away."""
        await self.stream_response(send)


async def answer_lines(body: AsyncIterator[bytes], reference: str, desk: Desk) -> AsyncIterator[bytes]:
    """Yield the answers to the lines of a body, and a line that says how it ended."""
    counts = {"answers": 0, "errors": 0}
    trouble: str | None = None
    rest = b""
    try:
        async for chunk in body:
            *lines, rest = (rest + chunk).split(b"\n")
            for start in range(0, len(lines), MOST_TEXTS):
                yield await _answer(lines[start : start + MOST_TEXTS], reference, desk, counts)
            if len(rest) > LONGEST_LINE_BYTES:
                trouble = _TOO_LONG
                break
        else:
            yield await _answer([rest], reference, desk, counts)
    except ClientDisconnect:
        return
    except PipelineError as error:  # the response has begun, so its status can tell nothing any more
        trouble = str(error)
    yield _write({"end": trouble is None, **counts} | ({} if trouble is None else {"error": trouble}))


async def _answer(lines: list[bytes], reference: str, desk: Desk, counts: dict[str, int]) -> bytes:
    """Return the answers to some lines; a line that is not valid is answered with an error, an empty one not at all."""
    read = [_read(line) for line in lines if line.strip()]
    texts = [each.text for each in read if isinstance(each, Line)]
    if not read:
        return b""
    items: Iterator[dict[str, Any]] = iter(())
    if texts:
        answer = await desk.ask(texts)
        metrics.count_answers(reference, answer)
        target = answer.served.target
        named = {"label": target.label, "version": target.version}
        items = (item | named for item in list_items(answer))
    written = []
    for each in read:
        counts["answers" if isinstance(each, Line) else "errors"] += 1
        if isinstance(each, Line):
            written.append(_write(({} if each.id is None else {"id": each.id}) | next(items)))
        else:
            written.append(_write({"error": each, "line": sum(counts.values())}))
    return b"".join(written)


def _read(line: bytes) -> Line | str:
    try:
        return Line.model_validate_json(line)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False, include_context=False)
        return "; ".join(": ".join(filter(None, (".".join(map(str, each["loc"])), each["msg"]))) for each in told)


def _write(line: dict[str, Any]) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"
