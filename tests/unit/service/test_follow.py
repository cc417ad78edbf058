"""What is served changes only for a document that every worker has accepted, whatever happens to the source."""

import threading
import time
from collections.abc import Callable
from typing import Any, cast

import pytest

from factories import make_document
from pipeline.errors import DatabaseUnavailableError, NotFoundError
from pipeline.serialisation.document import SplitDocument
from pipeline.service import follow as module
from pipeline.service.follow import Follower
from pipeline.service.source import Target

FIRST, SECOND = Target("label", 1, "ab" * 32), Target("label", 2, "cd" * 32)


class Source:
    """Points where a test says, or raises what it says."""

    def __init__(self) -> None:
        self.target: Target | Exception = FIRST
        self.fetched: list[Target] = []

    def look(self, reference: str) -> Target:
        if reference == f"{FIRST.label}@{FIRST.version}":
            return FIRST  # it has not been deleted
        assert reference == "@champion"
        if isinstance(self.target, Exception):
            raise self.target
        return self.target

    def fetch(self, target: Target) -> SplitDocument:
        self.fetched.append(target)
        return make_document()


class Workers:
    """Remembers what it is offered and told, and accepts it unless a test gives a reason."""

    def __init__(self) -> None:
        self.offered: list[Target] = []
        self.told: list[dict[str, Any]] = []
        self.reason: str | None = None
        self.revived = 0
        self.is_open = False

    def revive(self) -> None:
        self.revived += 1

    def open(self) -> None:
        self.is_open = True

    def offer(self, reference: str, target: Target, document: SplitDocument) -> str | None:
        assert (reference, document.encoding) == ("@champion", "json")
        self.offered.append(target)
        return self.reason

    def tell(self, models: list[dict[str, Any]]) -> None:
        self.told = models


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def workers() -> Workers:
    return Workers()


@pytest.fixture
def look(source: Source, workers: Workers) -> Callable[[], dict[str, Any]]:
    """Look once, and return what `/v1/models` then shows of the only reference."""
    follower = Follower(["@champion"], source, cast("Any", workers), None)

    def once() -> dict[str, Any]:
        follower._look()
        return workers.told[0]

    return once


Look = Callable[[], dict[str, Any]]


def test_what_has_not_changed_is_fetched_once(look: Look, source: Source, workers: Workers) -> None:
    first, second = look(), look()

    assert first == second
    assert (first["label"], first["version"], first["trouble"]) == ("label", 1, None)
    assert source.fetched == workers.offered == [FIRST]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DatabaseUnavailableError("models_db", "no connection"), "models_db: no connection"),
        (NotFoundError("alias", "there is no 'champion'"), "there is no 'champion'"),
        (RuntimeError("secret"), "RuntimeError"),
    ],
)
def test_a_source_that_fails_leaves_what_is_served(look: Look, source: Source, error: Exception, told: str) -> None:
    look()
    source.target = error
    shown = look()
    assert (shown["version"], told in shown["trouble"]["what"]) == (1, True)
    assert "secret" not in str(shown)

    source.target = FIRST
    assert look()["trouble"] is None


def test_a_refused_document_is_tried_once_more_at_once_and_then_after_a_while(
    look: Look, source: Source, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    look()
    source.target, workers.reason = SECOND, "it is damaged"
    shown = look()
    assert (shown["version"], shown["trouble"]["what"]) == (1, "label@2 is refused: it is damaged")
    tries = []
    for moment in (1000.5, 1001.5, 1002.5, 1050, 1062, 1100):
        now = moment
        look()
        tries.append(workers.offered.count(SECOND))
    assert tries == [1, 2, 2, 2, 3, 3]

    workers.reason, now = None, 1200.0
    assert (look()["version"], look()["trouble"]) == (2, None)


def test_another_target_is_not_kept_waiting_by_a_refused_one(look: Look, source: Source, workers: Workers) -> None:
    workers.reason = "it is damaged"
    assert look()["version"] is None
    source.target, workers.reason = SECOND, None

    assert look()["version"] == 2


def test_whoever_asks_for_a_look_waits_for_one_that_begins_afterwards(source: Source, workers: Workers) -> None:
    follower = Follower(["@champion"], source, cast("Any", workers), None)
    assert follower.look_now(0) is False
    follower._wake.clear()
    done = threading.Event()

    def ask() -> None:
        assert follower.look_now(60)
        done.set()

    asking = threading.Thread(target=ask)
    asking.start()
    follower._wake.wait(60)
    follower._look()
    assert done.wait(60)
    asking.join()


def test_while_a_source_does_not_answer_workers_are_replaced_and_what_was_kept_is_served(
    source: Source, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.05)
    answering = threading.Event()
    monkeypatch.setattr(source, "look", lambda _: answering.wait(60) and SECOND)
    saved = Saved(FIRST)
    follower = Follower(["@champion"], source, cast("Any", workers), cast("Any", saved))
    shown = []

    def opened() -> None:
        shown.append(workers.told[0])
        assert workers.revived
        answering.set()

    class EndError(Exception):
        pass

    def revive() -> None:
        workers.revived += 1
        if workers.offered[-1:] == [SECOND]:
            raise EndError

    monkeypatch.setattr(workers, "revive", revive)
    with pytest.raises(EndError):
        follower.run(opened)

    assert workers.is_open
    assert (shown[0]["version"], "no answer" in shown[0]["trouble"]["what"]) == (1, True)
    assert (workers.told[0]["version"], workers.told[0]["trouble"]) == (2, None)


class Saved:
    """A disk on which one document is kept, and which may be full."""

    def __init__(self, target: Target | None = None) -> None:
        self.kept = target
        self.is_full = False

    def read(self, _: str) -> tuple[Target, SplitDocument] | None:
        return None if self.kept is None else (self.kept, make_document())

    def write(self, _: str, target: Target, document: SplitDocument) -> str | None:
        assert document.encoding == "json"
        if self.is_full:
            return "No space left on device"
        self.kept = target
        return None


def test_what_could_not_be_kept_is_kept_later(
    source: Source, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    saved = Saved(FIRST)
    follower = Follower(["@champion"], source, cast("Any", workers), cast("Any", saved))
    source.target, saved.is_full = SECOND, True
    follower._look()
    assert (workers.told[0]["version"], saved.kept) == (2, FIRST)

    saved.is_full = False
    now = 1030.0
    follower._look()
    assert saved.kept == FIRST
    now = 1061.0
    follower._look()
    assert saved.kept == SECOND
