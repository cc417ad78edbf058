"""A line for each line, in order, whatever the pieces in which they arrive."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pipeline.service import stream as module
from pipeline.service.desk import Desk
from pipeline.service.stream import answer_lines
from unit.service.models import Echo, make_served


def answer(*chunks: bytes, model: Echo | None = None) -> list[dict[str, Any]]:
    async def send() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async def run() -> bytes:
        desk = Desk("@champion")
        if model is not None:
            desk.served = make_served(model)
        return b"".join([part async for part in answer_lines(send(), "@champion", desk)])

    return [json.loads(line) for line in asyncio.run(run()).splitlines()]


def item(text: str, **more: Any) -> dict[str, Any]:
    probabilities = {"a": float(len(text)), "b": 0.5}
    return more | {"classification": text, "probabilities": probabilities, "label": "label", "version": 1}


def test_lines_are_answered_in_order_with_their_ids() -> None:
    found = answer(b'{"text": "x", "id": 7}\n{"text": "yy"}\n\n{"text": "z", "id": "last"}', model=Echo())

    assert found == [item("x", id=7), item("yy"), item("z", id="last"), {"end": True, "answers": 3, "errors": 0}]


def test_pieces_may_end_anywhere() -> None:
    whole = '{"text": "größe"}\n{"text": "b"}\n'.encode()
    found = answer(*(whole[place : place + 1] for place in range(len(whole))), model=Echo())

    assert found[:2] == [item("größe"), item("b")]


def test_a_bad_line_is_answered_with_an_error_that_does_not_repeat_it() -> None:
    *found, end = answer(b'{"text": "a"}\n{"text": 1}\nsecret\n{"txet": "secret"}\n{"text": "b"}\n', model=Echo())

    assert [found[0], found[4]] == [item("a"), item("b")]
    assert [(*bad, bad["line"]) for bad in found[1:4]] == [("error", "line", number) for number in (2, 3, 4)]
    assert "secret" not in str(found)
    assert end == {"end": True, "answers": 2, "errors": 3}


def test_a_line_that_is_too_long_ends_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_LINE_BYTES", 100)
    found = answer(b'{"text": "a"}\n{"text": "', b"x" * 200, b'"}\n{"text": "b"}\n', model=Echo())

    assert found[0] == item("a")
    assert found[1]["end"] is False
    assert "a line of more than" in found[1]["error"]


def test_without_a_model_the_last_line_says_so() -> None:
    [end] = answer(b'{"text": "a"}\n')

    assert end["end"] is False
    assert "not in service yet" in end["error"]


def test_many_lines_are_classified_in_batches() -> None:
    model = Echo()
    found = answer(b'{"text": "a"}\n' * 1000, model=model)

    assert len(found) == 1001
    assert [len(texts) for texts in model.asked] == [256, 256, 256, 232]
