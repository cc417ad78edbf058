"""Texts that wait for a model, put together."""

import asyncio
from collections import deque
from pathlib import Path
from traceback import extract_tb
from typing import Final

from pipeline.errors import PipelineError, RetryableError
from pipeline.log import get_logger
from pipeline.service import metrics
from pipeline.service.served import Answer, Served

log = get_logger(__name__)

MOST_TEXTS: Final = 256
MOST_CHARACTERS: Final = 1_000_000
"""What is classified together, unless a single request has more."""

_SHORT_CHARACTERS: Final = 20_000
_SHORT_SECONDS: Final = 0.005


class NotServedError(RetryableError):
    """A model that is to be served, and is not yet."""


class ModelFailedError(PipelineError):
    """A model that fails on some texts. What it raised may repeat them, so only its type is told."""


Request = tuple[list[str], "asyncio.Future[Answer]"]
"""The texts of one request, and where whoever asked waits for the answer."""


class Desk:
    """Answers with the model of one reference. Texts that arrive while others are classified go together.

    Only the event loop's thread may use it. A lone text does not wait: it is classified in the event loop's next turn.

    Args:
        reference: its name in metrics.
    """

    def __init__(self, reference: str) -> None:
        self._reference = reference
        self.served: Served | None = None
        self._waiting: deque[Request] = deque()
        self._works = False
        self._works_with: Served | None = None

    async def ask(self, texts: list[str]) -> Answer:
        """Return the answers to some texts, all by one version.

        Raises:
            NotServedError: there is no model yet.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((texts, future))
        self._plan()
        return await future

    async def switch(self, served: Served | None) -> None:
        """Answer with another model from now on, or with none; return once nothing is answered with the former one."""
        self.served = served
        metrics.switches.labels(self._reference).inc()
        while self._works_with not in (None, served):
            await asyncio.sleep(0.001)
        await asyncio.sleep(0)  # whoever was just answered sends it now

    def _plan(self) -> None:
        if self._waiting and not self._works:
            self._works = True
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        """Classify what waits: here if that is short, else in a thread."""
        batch = self._take()
        requests = [texts for texts, _ in batch]
        metrics.batches.labels(self._reference).observe(sum(map(len, requests)))
        served = self.served
        if served is None:
            error = NotServedError("service", "this model is not in service yet", next_step="see /v1/models")
            self._end(batch, [error] * len(batch))
        elif _is_short(served, requests):
            self._end(batch, _answer(served, requests))
        else:
            self._works_with = served
            work = asyncio.get_running_loop().run_in_executor(None, _answer, served, requests)
            work.add_done_callback(lambda done: self._end(batch, done.result()))

    def _take(self) -> list[Request]:
        batch = [self._waiting.popleft()]
        count, size = len(batch[0][0]), sum(map(len, batch[0][0]))
        while self._waiting:
            count += len(self._waiting[0][0])
            size += sum(map(len, self._waiting[0][0]))
            if count > MOST_TEXTS or size > MOST_CHARACTERS:
                break
            batch.append(self._waiting.popleft())
        return batch

    def _end(self, batch: list[Request], answers: list[Answer | Exception]) -> None:
        self._works, self._works_with = False, None
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():  # whoever asked has gone
                continue
            if isinstance(answer, Answer):
                future.set_result(answer)
            else:
                future.set_exception(answer)
        self._plan()


def _is_short(served: Served, requests: list[list[str]]) -> bool:
    """Return whether classifying takes so little time that the event loop can wait for it."""
    texts = [text for texts in requests for text in texts]
    return served.seconds * len(texts) < _SHORT_SECONDS and sum(map(len, texts)) < _SHORT_CHARACTERS


def _answer(served: Served, requests: list[list[str]]) -> list[Answer | Exception]:
    """Classify the texts of all requests together; if that fails, those of each request by themselves."""
    try:
        classes, shares = served.model.answer([text for texts in requests for text in texts])
    except Exception as error:  # noqa: BLE001 - whoever asked gets it
        if len(requests) > 1:
            return [_answer(served, [texts])[0] for texts in requests]
        return [_describe(served, error)]
    answers: list[Answer | Exception] = []
    start = 0
    for texts in requests:
        rows = slice(start, start + len(texts))
        answers.append(Answer(served, classes[rows], None if shares is None else shares[rows]))
        start = rows.stop
    return answers


def _describe(served: Served, error: Exception) -> Exception:
    """Return what whoever asked is told, and log where the model failed."""
    version, kind = f"{served.target.label}@{served.target.version}", type(error).__name__
    place = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)]
    log.error("a model failed on a text", version=version, error=kind, place=" ".join(place))
    return ModelFailedError(version, f"fails on these texts ({kind})")
