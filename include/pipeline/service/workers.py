"""The processes that answer, as the process that follows sees them."""

import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pipeline.errors import PipelineError
from pipeline.log import get_logger
from pipeline.serialisation.document import SplitDocument
from pipeline.service.source import Target
from pipeline.service.tokens import Tokens
from pipeline.service.worker_process import WorkerProcess

log = get_logger(__name__)

Document = tuple[Target, SplitDocument]

_STOP_SECONDS = 30
_AGAIN_SECONDS = 1.0


class Workers:
    """All processes that answer. A dead one is replaced by one that serves the same. For one thread.

    Args:
        listeners: a socket for each, bound and not listening.
        environ: their environment.
        tokens: what they accept; read again with each `revive`.
    """

    def __init__(self, listeners: Sequence[socket.socket], environ: Mapping[str, str], tokens: Tokens) -> None:
        self._listeners = listeners
        self._environ = environ
        self._tokens = tokens
        self._trouble: str | None = None
        self._documents: dict[str, Document] = {}
        self._told: list[dict[str, Any]] = []
        self._opened = False
        self._not_before = 0.0
        self._workers = [WorkerProcess(listener, environ) for listener in listeners]
        self._ask(self._accept())

    def offer(self, reference: str, target: Target, document: SplitDocument) -> str | None:
        """Let every worker read a document, and if all accept it, switch to it; return why not, or None.

        When it returns None, no worker answers with what was served before.
        """
        reasons = [reason for reason in self._ask(*_prepare(reference, target, document)) if reason is not None]
        if reasons:
            self._ask({"do": "forget", "reference": reference})
            return reasons[0]
        self._documents[reference] = (target, document)  # from now on, a new worker serves it
        self._ask({"do": "switch", "reference": reference})
        return None

    def withdraw(self, reference: str) -> None:
        """Let no worker answer for a reference any more, until something else is offered for it."""
        self._documents.pop(reference, None)
        self._ask({"do": "withdraw", "reference": reference})

    def tell(self, models: list[dict[str, Any]]) -> None:
        """Let every worker show this at `/v1/models`."""
        if models != self._told:
            self._told = models
            self._ask({"do": "tell", "models": models})

    def open(self) -> None:
        """Let every worker begin to answer."""
        self._opened = True
        self._ask({"do": "open"})

    def revive(self) -> None:
        """Replace workers that have ended, but not more often than once a second, and let all accept new tokens."""
        self._reload_tokens()
        if all(worker.alive for worker in self._workers) or time.monotonic() < self._not_before:
            return
        self._not_before = time.monotonic() + _AGAIN_SECONDS
        for place, worker in enumerate(self._workers):
            if not worker.alive:
                log.warning("a process that answers has ended; another one takes its place", pid=worker.process.pid)
                worker.kill()
                self._workers[place] = WorkerProcess(self._listeners[place], self._environ)
                self._teach(self._workers[place])

    def stop(self) -> None:
        """Let every worker finish what it answers, and end."""
        for worker in self._workers:
            with suppress(ProcessLookupError):
                worker.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for worker in self._workers:
            with suppress(subprocess.TimeoutExpired):
                worker.process.wait(max(0.0, deadline - time.monotonic()))
            worker.kill()

    def _teach(self, worker: WorkerProcess) -> None:
        """Let a new worker serve what the others serve."""
        worker.ask(self._accept())
        for reference, (target, document) in self._documents.items():
            worker.ask(*_prepare(reference, target, document))
            worker.ask({"do": "switch", "reference": reference})
        worker.ask({"do": "tell", "models": self._told})
        if self._opened:
            worker.ask({"do": "open"})

    def _accept(self) -> dict[str, Any]:
        return {"do": "accept", "digests": self._tokens.digests}

    def _reload_tokens(self) -> None:
        try:
            if self._tokens.reload():
                self._ask(self._accept())
                log.info("other tokens are valid now")
            self._trouble = None
        except PipelineError as error:
            if self._trouble != str(error):
                log.warning("the former tokens stay valid", reason=str(error))
            self._trouble = str(error)

    def _ask(self, message: dict[str, Any], parts: Sequence[bytes] = ()) -> list[str | None]:
        """Return the answers of all workers, which work at the same time."""
        asked = [worker for worker in self._workers if worker.alive and worker.send(message, parts)]
        return [worker.receive() for worker in asked]


def _prepare(reference: str, target: Target, document: SplitDocument) -> tuple[dict[str, Any], list[bytes]]:
    """Return the message that lets a worker read a document."""
    message = {"do": "prepare", "reference": reference, "target": target.to_dict(), "encoding": document.encoding}
    return message, [document.rest] if document.adapter is None else [document.rest, document.adapter]
