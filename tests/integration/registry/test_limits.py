"""How much the registry does at a time: what it refuses, what waits and where, and what equal requests share."""

import asyncio
import threading
from asyncio import Semaphore
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx
import pytest
from fastapi import FastAPI

from corpus import make_examples
from factories import make_answers, make_document
from integration.registry.client import DEFINITIONS, LABELS, Client, open_run, save
from integration.registry.trained import DEFINITION, store, train_logistic
from pipeline.registry import classify as classify_module
from pipeline.registry import documents as documents_module
from pipeline.registry import loaded as loaded_module
from pipeline.registry.access import Access
from pipeline.registry.app import make_app
from pipeline.registry.limits import MOST_DOWNLOADS, MOST_PREPARED, MOST_REQUESTS, RETRY_SECONDS
from pipeline.registry.loaded import LoadedModels
from pipeline.serialisation.document import join_document
from pipeline.stores.database import Database
from pipeline.stores.models.leaderboard import Leaderboard
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.memory import count_bytes

Result = TypeVar("Result")
PATIENCE_SECONDS = 120
DOCUMENT = f"/models/{DEFINITION.label}/document"
CLASSIFY = f"/models/{DEFINITION.label}/classify"


class Gate:
    """Holds the threads that come to it until it is opened, and counts them."""

    def __init__(self) -> None:
        self.arrived = threading.Semaphore(0)
        self.inside = self.most_inside = self.passed = 0
        self._counting = threading.Lock()
        self._open = threading.Event()

    def hold(self, function: Callable[..., Result]) -> Callable[..., Result]:
        """Return a function that comes to the gate first."""

        def held(*args: Any, **options: Any) -> Result:
            with self._counting:
                self.inside += 1
                self.most_inside = max(self.most_inside, self.inside)
            self.arrived.release()
            assert self._open.wait(PATIENCE_SECONDS)
            with self._counting:
                self.inside -= 1
                self.passed += 1
            return function(*args, **options)

        return held

    def open(self) -> None:
        """Let everybody through."""
        self._open.set()

    async def wait_for(self, count: int = 1) -> None:
        """Return once so many more have come."""
        for _ in range(count):
            assert await asyncio.to_thread(self.arrived.acquire, timeout=PATIENCE_SECONDS)


@asynccontextmanager
async def asking(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": "Bearer of somebody"}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://registry", headers=headers) as client:
        yield client


def run(test: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(asyncio.wait_for(test, 2 * PATIENCE_SECONDS))


def count_statuses(answers: list[httpx.Response]) -> dict[int, int]:
    statuses = [answer.status_code for answer in answers]
    return {status: statuses.count(status) for status in statuses}


def test_more_requests_than_it_takes_are_refused_before_who_asks_is_checked(models_db: Database) -> None:
    async def test() -> tuple[list[httpx.Response], httpx.Response, httpx.Response]:
        arrived, checked = Semaphore(0), asyncio.Event()

        async def find_reader() -> str:
            arrived.release()
            await checked.wait()
            return "ann"

        app = make_app(Access(find_reader, find_reader, find_reader), lambda: models_db)
        async with asking(app) as client:
            asked = [asyncio.create_task(client.get("/runs")) for _ in range(MOST_REQUESTS)]
            for _ in asked:
                await arrived.acquire()
            refused = await client.get("/runs")
            client.headers.clear()
            nobody = await client.get("/runs")
            checked.set()
            return [await each for each in asked], refused, nobody

    answered, refused, nobody = run(test())

    assert count_statuses(answered) == {200: MOST_REQUESTS}
    assert (refused.status_code, refused.headers["retry-after"]) == (503, str(RETRY_SECONDS))
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert nobody.status_code == 401  # a flood by nobody is no reason to say anything else


def test_a_few_documents_are_sent_at_a_time_fewer_are_prepared_and_no_thread_waits(
    client: Client, models_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(models_db, train_logistic())
    gate = Gate()
    monkeypatch.setattr(documents_module, "_PREPARING", Semaphore(MOST_PREPARED))
    monkeypatch.setattr(documents_module, "_prepare", gate.hold(documents_module._prepare))

    async def test() -> list[httpx.Response]:
        async with asking(client.app) as asker:
            asked = [asyncio.create_task(asker.get(DOCUMENT)) for _ in range(3 * MOST_DOWNLOADS)]
            await gate.wait_for(MOST_PREPARED)
            while sum(task.done() for task in asked) < 2 * MOST_DOWNLOADS:  # the refused ones
                await asyncio.sleep(0.01)
            gate.open()
            return [await each for each in asked]

    answers = run(test())

    assert count_statuses(answers) == {200: MOST_DOWNLOADS, 503: 2 * MOST_DOWNLOADS}
    assert gate.most_inside == MOST_PREPARED
    assert {answer.headers["retry-after"] for answer in answers if answer.status_code == 503} == {str(RETRY_SECONDS)}


def test_nobody_compresses_a_document(client: Client, models_db: Database) -> None:
    store(models_db, train_logistic())

    assert client.request("GET", DOCUMENT).headers["content-encoding"] == "identity"


def test_a_model_is_loaded_once_for_all_who_wait_for_it(
    client: Client, models_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(models_db, train_logistic())
    gate = Gate()
    monkeypatch.setattr(classify_module, "_loaded", LoadedModels())
    monkeypatch.setattr(loaded_module, "_load", gate.hold(loaded_module._load))

    async def test() -> list[httpx.Response]:
        async with asking(client.app) as asker:
            asked = [asyncio.create_task(asker.post(CLASSIFY, json={"text": "a"})) for _ in range(8)]
            await gate.wait_for()
            others = await asker.get("/runs")  # is not kept waiting
            gate.open()
            return [others, *[await each for each in asked]]

    assert count_statuses(run(test())) == {200: 9}
    assert gate.passed == gate.most_inside == 1


def test_models_are_kept_by_the_memory_that_they_take(models_db: Database) -> None:
    document = store(models_db, train_logistic())
    size = count_bytes(AdaptedModel.from_dict(join_document(document)))

    def load_twice(most_bytes: int) -> list[Any]:
        loaded = LoadedModels(most_bytes)
        args = models_db, DEFINITION.label, 1, document.sha256.hex()
        return [run(loaded.get(*args)) for _ in range(2)]

    first, second = load_twice(2 * size)
    assert first is second
    first, second = load_twice(size // 2)
    assert first is not second
    texts = make_examples(5).texts
    assert first.classify(texts) == second.classify(texts)


def test_all_who_watch_one_page_share_its_answers_and_miss_nothing(
    client: Client, models_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_run(models_db, *DEFINITIONS)
    gate = Gate()
    monkeypatch.setattr(Leaderboard, "list_definitions", gate.hold(Leaderboard.list_definitions))

    async def test() -> list[httpx.Response]:
        async with asking(client.app) as asker:
            first = asyncio.create_task(asker.get("/definitions", params={"run": "run-1"}))
            await gate.wait_for()
            save(models_db, DEFINITIONS[0])
            others = [asyncio.create_task(asker.get("/definitions", params={"run": "run-1"})) for _ in range(20)]
            other_page = asyncio.create_task(asker.get("/definitions", params={"run": "run-2"}))
            await gate.wait_for()  # another page does not wait for this one
            gate.open()
            return [await each for each in (other_page, first, *others)]

    other_page, _, *others = run(test())

    assert other_page.json()["total"] == 0
    assert {answer.json()["states"]["trained"] for answer in others} == {1}
    assert gate.passed <= 4  # how many depends on how many of them had come when the second began


def test_answers_are_read_once_for_as_long_as_they_are_the_same(
    client: Client, models_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[set[int]] = []
    get_answers = Leaderboard.get_answers

    def note(self: Leaderboard, ids: set[int]) -> Any:
        read.append(ids)
        return get_answers(self, ids)

    monkeypatch.setattr(Leaderboard, "get_answers", note)
    open_run(models_db, *DEFINITIONS)
    for number, answers in enumerate(("aabb", "aaab", "bbbb")):
        save(models_db, DEFINITIONS[number], accuracy=0.9 - 0.1 * number, answers=make_answers(answers, "aabb"))

    def list_p_values() -> dict[str, float]:
        rows = client.get("/definitions", run="run-1")["items"]
        return {row["label"]: row["model"]["p_value"] for row in rows if row["model"]}

    first, second = list_p_values(), list_p_values()
    assert first == second == {LABELS[0]: 1.0, LABELS[1]: 1.0, LABELS[2]: 0.5}
    assert len(read) == 1

    # trained again in its own run: another document under the same version
    save(
        models_db,
        DEFINITIONS[2],
        accuracy=0.7,
        answers=make_answers("bbaa", "aabb"),
        document=make_document(model="again"),
    )
    third = list_p_values()
    assert third == {LABELS[0]: 1.0, LABELS[1]: 1.0, LABELS[2]: 0.125}
    assert len(read) == 2
    assert len(read[1]) == 2  # its own, and those of the best
    assert list_p_values() == third
    assert len(read) == 2
