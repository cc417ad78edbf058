"""How many requests are in work at a time, and what the others are answered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.responses import StreamingResponse
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.web.limit import Limit, limited


class Held:
    """An application whose answers begin and end when a test says so."""

    def __init__(self) -> None:
        self.arrived = asyncio.Semaphore(0)
        self.begin = asyncio.Event()
        self.end = asyncio.Event()

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Answer in two parts."""
        self.arrived.release()
        await self.begin.wait()
        if scope["path"] == "/broken":
            raise ValueError
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await self.end.wait()
        await send({"type": "http.response.body", "body": b"last"})


@asynccontextmanager
async def client_of(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        yield client


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def limited_in_time() -> None:
        await asyncio.wait_for(test(), 60)

    asyncio.run(limited_in_time())


def test_what_goes_beyond_is_refused_at_once_and_told_when_to_come_back() -> None:
    async def test() -> None:
        held = Held()
        async with client_of(Limit(held, most=2, retry_seconds=7)) as client:
            asked = [asyncio.create_task(client.get("/")) for _ in range(2)]
            for _ in asked:
                await held.arrived.acquire()

            refused = await client.get("/")  # nothing else can end it: the others are held
            held.begin.set()
            held.end.set()
            answered = [await each for each in asked]

        assert [answer.status_code for answer in answered] == [200, 200]
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "7")
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["title"] == "Service Unavailable"
        assert "try again in 7 s" in refused.json()["detail"]

    run(test)


def test_a_request_counts_to_the_end_of_its_answer() -> None:
    async def test() -> None:
        held = Held()
        held.begin.set()
        async with client_of(Limit(held, most=1, retry_seconds=1)) as client:
            asked = asyncio.create_task(client.get("/"))
            await held.arrived.acquire()
            await asyncio.sleep(0)  # its answer has begun
            assert (await client.get("/")).status_code == 503
            held.end.set()
            await asked

            assert (await client.get("/")).status_code == 200

    run(test)


def test_an_application_that_fails_makes_room_again() -> None:
    async def test() -> None:
        held = Held()
        held.begin.set()
        held.end.set()
        async with client_of(Limit(held, most=1, retry_seconds=1)) as client:
            assert (await client.get("/broken")).status_code == 500
            assert (await client.get("/")).status_code == 200

    run(test)


def test_who_goes_away_makes_room_again() -> None:
    async def test() -> None:
        held = Held()
        async with client_of(Limit(held, most=1, retry_seconds=1)) as client:
            asked = asyncio.create_task(client.get("/"))
            await held.arrived.acquire()
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
            held.begin.set()
            held.end.set()

            assert (await client.get("/")).status_code == 200

    run(test)


def test_each_route_has_a_limit_of_its_own() -> None:
    async def test() -> None:
        arrived, end = asyncio.Semaphore(0), asyncio.Event()
        router = APIRouter(route_class=limited(1, 3))

        @router.get("/slow")
        async def slow() -> Response:
            async def parts() -> AsyncIterator[bytes]:
                yield b"first"
                arrived.release()
                await end.wait()
                yield b"last"

            return StreamingResponse(parts())

        @router.get("/quick")
        async def quick() -> Response:
            return Response("there")

        app = FastAPI()
        app.include_router(router)
        async with client_of(app) as client:
            asked = asyncio.create_task(client.get("/slow"))
            await arrived.acquire()
            refused, other = await client.get("/slow"), await client.get("/quick")
            end.set()

            assert (refused.status_code, refused.headers["retry-after"]) == (503, "3")
            assert other.status_code == 200
            assert (await asked).content == b"firstlast"
            assert (await client.get("/slow")).status_code == 200

    run(test)
