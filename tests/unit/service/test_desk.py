"""Texts that wait together are classified together, and a switch leaves nothing to the former model."""

import asyncio
import threading

import pytest

from pipeline.errors import NotFoundError
from pipeline.service import desk as module
from pipeline.service.desk import Desk, ModelFailedError, NotServedError
from pipeline.service.shelf import Shelf
from unit.service.models import Echo, make_served


def make_desk(model: Echo, seconds: float = 0.0001) -> Desk:
    desk = Desk("@champion")
    desk.served = make_served(model, seconds=seconds)
    return desk


def hold(began: threading.Event, go_on: threading.Event) -> None:
    began.set()
    go_on.wait(60)


async def ask(desk: Desk, *texts: str) -> list[str]:
    return [*(await desk.ask([*texts])).classes]


def test_texts_that_arrive_together_are_classified_together() -> None:
    model = Echo()

    async def run() -> list[list[str]]:
        desk = make_desk(model)
        return [*await asyncio.gather(ask(desk, "a"), ask(desk, "b", "c"), ask(desk, "d"))]

    assert asyncio.run(run()) == [["a"], ["b", "c"], ["d"]]
    assert model.asked == [["a", "b", "c", "d"]]


def test_each_gets_its_own_probabilities() -> None:
    async def run() -> list[list[list[float]]]:
        desk = make_desk(Echo())
        answers = await asyncio.gather(desk.ask(["a"]), desk.ask(["bb", "ccc"]))
        return [answer.probabilities.tolist() for answer in answers if answer.probabilities is not None]

    assert asyncio.run(run()) == [[[1.0, 0.5]], [[2.0, 0.5], [3.0, 0.5]]]


def test_a_slow_model_works_in_a_thread_and_what_arrives_meanwhile_goes_together() -> None:
    began, go_on = threading.Event(), threading.Event()
    model = Echo(lambda: hold(began, go_on))

    async def run() -> None:
        desk = make_desk(model, seconds=1)
        first = asyncio.create_task(ask(desk, "a"))
        await asyncio.to_thread(began.wait, 60)
        rest = [asyncio.create_task(ask(desk, text)) for text in "bcd"]
        await asyncio.sleep(0)  # they ask, and the event loop is free to let them
        go_on.set()
        assert await first == ["a"]
        assert await asyncio.gather(*rest) == [["b"], ["c"], ["d"]]

    asyncio.run(run())
    assert model.asked == [["a"], ["b", "c", "d"]]


def test_a_batch_has_a_limit_but_one_request_may_exceed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TEXTS", 2)
    model = Echo()

    async def run() -> None:
        desk = make_desk(model)
        await asyncio.gather(*(ask(desk, *texts) for texts in (["a"], ["b"], ["c", "d", "e"], ["f"])))

    asyncio.run(run())
    assert model.asked == [["a", "b"], ["c", "d", "e"], ["f"]]


def test_a_text_that_fails_does_not_fail_those_beside_it() -> None:
    async def run() -> list[object]:
        desk = make_desk(Echo())
        return [*await asyncio.gather(ask(desk, "a"), ask(desk, "bad"), ask(desk, "c"), return_exceptions=True)]

    first, failed, last = asyncio.run(run())
    assert (first, last) == (["a"], ["c"])
    assert isinstance(failed, ModelFailedError)


def test_after_a_failure_others_are_answered() -> None:
    async def run() -> list[str]:
        desk = make_desk(Echo())
        with pytest.raises(ModelFailedError, match=r"label@1: fails on these texts \(ValueError\)"):
            await ask(desk, "bad")
        return await ask(desk, "a")

    assert asyncio.run(run()) == ["a"]


def test_a_switch_returns_once_the_former_model_answers_nobody() -> None:
    began, go_on = threading.Event(), threading.Event()
    old, new = Echo(lambda: hold(began, go_on)), Echo()

    async def run() -> list[int]:
        desk = make_desk(old, seconds=1)
        first = asyncio.create_task(desk.ask(["a"]))
        await asyncio.to_thread(began.wait, 60)
        switching = asyncio.create_task(desk.switch(make_served(new, version=2)))
        second = asyncio.create_task(desk.ask(["b"]))
        await asyncio.sleep(0.01)
        assert not switching.done()
        go_on.set()
        await switching
        assert first.done()
        return [(await each).served.target.version for each in (first, second)]

    assert asyncio.run(run()) == [1, 2]


def test_without_a_model_nobody_waits() -> None:
    with pytest.raises(NotServedError, match="not in service yet"):
        asyncio.run(ask(Desk("@champion"), "a"))


def test_who_has_gone_does_not_disturb_the_others() -> None:
    async def run() -> list[str]:
        desk = make_desk(Echo())
        gone, stays = asyncio.create_task(ask(desk, "a")), asyncio.create_task(ask(desk, "b"))
        await asyncio.sleep(0)
        gone.cancel()
        return await stays

    assert asyncio.run(run()) == ["b"]


def test_the_first_reference_answers_who_names_none() -> None:
    shelf = Shelf(["@champion", "label"])

    assert shelf.find(None)[0] == "@champion"
    assert shelf.find("label")[0] == "label"
    with pytest.raises(NotFoundError, match="'other' is not served here; one of @champion, label"):
        shelf.find("other")
