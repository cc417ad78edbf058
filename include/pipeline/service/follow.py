"""Follows what references point at, and lets the workers serve it."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Condition, Event, Thread
from typing import Any, TypeVar

from pipeline.errors import NotFoundError, RetryableError, describe_error
from pipeline.log import get_logger
from pipeline.serialisation.document import SplitDocument
from pipeline.service.saved import SavedDocuments
from pipeline.service.source import Source, Target
from pipeline.service.workers import Workers

log = get_logger(__name__)

Found = TypeVar("Found")

_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 10.0
"""How long a source may take to answer, until that is reported and a service that starts begins with what it kept."""

_SAVE_SECONDS = 60.0
_AGAIN_SECONDS = 1.0
_REFUSED_SECONDS = 60.0
"""How long a document is left alone after it was refused once, and after it was refused again: it may have been
restored meanwhile, or a process that read it was killed, but reading it takes a core."""


@dataclass(slots=True)
class Followed:
    """A reference and what is known about it."""

    reference: str
    served: Target | None = None
    since: str | None = None
    trouble: dict[str, str] | None = None
    refused: Target | None = None
    again_at: float = field(default=0.0, repr=False)
    unsaved: SplitDocument | None = field(default=None, repr=False)
    save_at: float = field(default=0.0, repr=False)

    def report(self, what: str | None) -> None:
        """Remember what is wrong, or that nothing is; log each only once."""
        if what is None:
            if self.trouble is not None:
                log.info("served as it should be again", model=self.reference)
            self.trouble = None
        elif self.trouble is None or self.trouble["what"] != what:
            log.warning("not served as it should be", model=self.reference, reason=what)
            self.trouble = {"what": what, "since": datetime.now(UTC).isoformat()}

    def to_dict(self) -> dict[str, Any]:
        """Return what `/v1/models` shows."""
        target = self.served
        return {
            "model": self.reference,
            "label": target and target.label,
            "version": target and target.version,
            "document_sha256": target and target.sha256,
            "since": self.since,
            "trouble": self.trouble,
        }


class Follower:
    """Looks at the source, every second or when it is woken, and serves what has changed.

    `run` belongs to one thread; any other may call `look_now`. What is served stays in service whatever happens to the
    source: it is replaced only by a document that every worker has accepted, and taken out of service only when the
    source says that this model is there no more.
    """

    def __init__(
        self, references: Sequence[str], source: Source, workers: Workers, saved: SavedDocuments | None
    ) -> None:
        self._followed = [Followed(reference) for reference in references]
        self._source = source
        self._workers = workers
        self._saved = saved
        self._wake = Event()
        self._looks = Condition()
        self._begun = self._ended = 0
        self._opened: Callable[[], None] | None = None

    def run(self, opened: Callable[[], None]) -> None:
        """Follow until an exception ends it.

        Args:
            opened: called once the workers answer.
        """
        self._opened = opened
        self._look()
        self._open()
        while True:
            self._wake.wait(_LOOK_SECONDS)
            self._wake.clear()
            self._workers.revive()
            self._look()

    def look_now(self, timeout_seconds: float) -> bool:
        """Return once a look that begins now has ended and what it found is in service, or when the time is up."""
        with self._looks:
            wanted = self._begun + 1
            self._wake.set()
            return self._looks.wait_for(lambda: self._ended >= wanted, timeout_seconds)

    def _open(self) -> None:
        """Let the workers answer, with what was saved if nothing better is known yet."""
        if (opened := self._opened) is None:
            return
        self._opened = None
        for each in self._followed:
            if each.served is None:
                self._serve_saved(each)
        self._tell()
        self._workers.open()
        opened()

    def _look(self) -> None:
        with self._looks:
            self._begun += 1
            number = self._begun
        for each in self._followed:
            self._follow(each)
        self._tell()
        with self._looks:
            self._ended = number
            self._looks.notify_all()

    def _follow(self, each: Followed) -> None:
        try:
            target = self._ask(each, self._source.look, each.reference)
            if target == each.served:
                each.report(None)
                self._save(each)
            elif target != each.refused or time.monotonic() > each.again_at:
                self._take(each, target)
        except Exception as error:  # noqa: BLE001 - whatever happens to the source, what is served stays in service
            each.report(describe_error(error))
            if not isinstance(error, RetryableError):
                self._drop_deleted(each)

    def _drop_deleted(self, each: Followed) -> None:
        """Take what is served, or was saved, out of service and off the disk if that model has been deleted."""
        saved = self._saved.read(each.reference) if self._saved and each.served is None else None
        known = each.served or (saved and saved[0])
        if known is None:
            return
        name = f"{known.label}@{known.version}"
        try:
            self._ask(each, self._source.look, name)
        except NotFoundError:
            log.warning("out of service, because it was deleted", model=each.reference, version=name)
            self._workers.withdraw(each.reference)
            each.served = each.since = each.unsaved = None
            if self._saved:
                self._saved.remove(each.reference)
        except Exception:  # noqa: BLE001 - as long as it is not known to be deleted, it stays, and the trouble is reported
            return

    def _ask(self, each: Followed, work: Callable[..., Found], *arguments: object) -> Found:
        """Return what the source answers. It may take for ever: meanwhile, workers that have ended are replaced."""
        answer: Future[Found] = Future()
        Thread(target=_answer, args=(answer, work, arguments), name="ask", daemon=True).start()
        begun = time.monotonic()
        while not wait((answer,), _LOOK_SECONDS).done:
            self._workers.revive()
            if time.monotonic() > begun + _PATIENCE_SECONDS:
                each.report(f"what it points at is not known: no answer for {_PATIENCE_SECONDS:.0f} s")
                self._tell()
                self._open()
        return answer.result()

    def _take(self, each: Followed, target: Target) -> None:
        begun = time.monotonic()
        saved = self._saved.read(each.reference) if self._saved and each.served is None else None
        document = saved[1] if saved and saved[0] == target else self._ask(each, self._source.fetch, target)
        if (reason := self._workers.offer(each.reference, target, document)) is not None:
            pause = _REFUSED_SECONDS if each.refused == target else _AGAIN_SECONDS
            each.refused, each.again_at = target, time.monotonic() + pause
            each.report(f"{target.label}@{target.version} is refused: {reason}")
            self._drop_deleted(each)
            return
        each.served, each.since, each.refused = target, datetime.now(UTC).isoformat(), None
        each.report(None)
        version = f"{target.label}@{target.version}"
        log.info("in service", model=each.reference, version=version, seconds=round(time.monotonic() - begun, 3))
        each.unsaved, each.save_at = (None if saved and saved[0] == target else document), 0.0
        self._save(each)

    def _save(self, each: Followed) -> None:
        """Save what is served; if that fails, as on a full disk, try again after a while."""
        if self._saved is None or each.unsaved is None or each.served is None or time.monotonic() < each.save_at:
            return
        if self._saved.write(each.reference, each.served, each.unsaved) is None:
            each.unsaved = None
        else:
            each.save_at = time.monotonic() + _SAVE_SECONDS

    def _serve_saved(self, each: Followed) -> None:
        """Serve what was saved, until the source says what is to be served."""
        if self._saved is None or (saved := self._saved.read(each.reference)) is None:
            return
        target, document = saved
        if (reason := self._workers.offer(each.reference, target, document)) is None:
            each.served, each.since = target, datetime.now(UTC).isoformat()
            log.info("in service as saved", model=each.reference, version=f"{target.label}@{target.version}")
        else:
            log.warning("what was saved is refused", model=each.reference, reason=reason)

    def _tell(self) -> None:
        self._workers.tell([each.to_dict() for each in self._followed])


def _answer(answer: Future[Found], work: Callable[..., Found], arguments: tuple[object, ...]) -> None:
    try:
        answer.set_result(work(*arguments))
    except Exception as error:  # noqa: BLE001 - whoever waits gets it
        answer.set_exception(error)
