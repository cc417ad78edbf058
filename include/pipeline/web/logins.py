"""Slows down those who guess passwords, in front of Airflow's routes that log in."""

import asyncio
import ipaddress
import json
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.log import get_logger
from pipeline.web.bodies import TooLargeError, read_body, replay_body

log = get_logger(__name__)

ROUTES: Final = ("/auth/token", "/auth/token/cli")
LARGEST_BODY_BYTES: Final = 2**14
FREE_TRIES: Final = 5
"""Wrong passwords for one user from one address that cost no wait. Each further one doubles it, from one second on."""
FREE_TRIES_OF_ADDRESS: Final = 50
"""The same for all users together."""
LONGEST_SECONDS: Final = 30
"""The longest wait: so the right user, at the same address as who guesses, is let in after that."""
FORGOTTEN_SECONDS: Final = 900
MOST_REMEMBERED: Final = 10_000


class Tries:
    """The wrong passwords of one user at one address, or of one address.

    Args:
        free: how many cost no wait; as many are checked at once, because none of those counts yet.
    """

    def __init__(self, free: int) -> None:
        self.free = free
        self.wrong = 0
        self.last = -math.inf
        self.proven = False
        self.turns = asyncio.Semaphore(free)

    def seconds_left(self, now: float) -> float:
        """Return how long the next try has to wait."""
        if now - self.last > FORGOTTEN_SECONDS:
            self.wrong = 0
        above = self.wrong - self.free
        return self.last + min(2.0**above, LONGEST_SECONDS) - now if above >= 0 else 0

    def count(self, now: float) -> None:
        """Count a wrong password."""
        self.wrong, self.last = min(self.wrong + 1, self.free + LONGEST_SECONDS), now


class LoginBrake:
    """Answers 429, with `Retry-After`, who has sent several wrong passwords and does not wait.

    Wrong passwords are counted for a user and an address together, so that nobody can lock out a user who is elsewhere,
    and for an address, so that nobody can try one password on many users. A right password ends the count, and from
    then on, that user at that address is not held up by what others at the address do. Nothing that was sent is kept:
    the memory holds digests, and only so many. Each process of the API server counts by itself.

    Args:
        app: the application with the routes; it answers 401 to a wrong password.
        clock: returns seconds.
    """

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        self._known: OrderedDict[bytes, Tries] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].endswith(ROUTES):
            await self._app(scope, receive, send)
            return
        try:
            body = await read_body(receive, LARGEST_BODY_BYTES)
        except TooLargeError:
            detail = f"a login has at most {LARGEST_BODY_BYTES:,} bytes"
            await JSONResponse({"detail": detail}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)(scope, receive, send)
            return
        if body is not None:
            await self._log_in(body, scope, replay_body(body, receive), send)

    async def _log_in(self, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        address = _name_network(scope)
        own = self._find(f"{address} {read_user(body)}", FREE_TRIES)
        everybody = self._find(address, FREE_TRIES_OF_ADDRESS)
        async with own.turns, everybody.turns:
            counts = [own] if own.proven else [own, everybody]
            seconds = max(tries.seconds_left(self._clock()) for tries in counts)
            if seconds > 0:
                await _refuse(seconds)(scope, receive, send)
                return
            status = 0

            async def note(message: Message) -> None:
                nonlocal status
                status = message.get("status", status)
                await send(message)

            await self._app(scope, receive, note)
        if status == HTTPStatus.UNAUTHORIZED:
            for tries in counts:
                tries.count(self._clock())
            if own.wrong == FREE_TRIES:
                log.warning("wrong passwords for one user: further ones have to wait", address=address)
        elif HTTPStatus.OK <= status < HTTPStatus.BAD_REQUEST:
            own.proven, own.wrong = True, 0

    def _find(self, name: str, free: int) -> Tries:
        key = blake2b(name.encode(errors="replace"), digest_size=16).digest()
        tries = self._known.setdefault(key, Tries(free))
        self._known.move_to_end(key)
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return tries


def read_user(body: bytes) -> str:
    """Return the user's name in a login as JSON or as a form; empty if there is none, which Airflow refuses."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = {name: values[-1] for name, values in parse_qs(body.decode(errors="replace")).items()}
    name = found.get("username") if isinstance(found, dict) else None
    return name if isinstance(name, str) else ""


def _name_network(scope: Scope) -> str:
    """Return a client's address; of an IPv6 address its network, in which one client has them all."""
    address = (scope.get("client") or ("", 0))[0]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return str(address)
    return address if parsed.version == 4 else str(ipaddress.ip_network((parsed.packed, 64), strict=False))


def _refuse(seconds: float) -> JSONResponse:
    after = math.ceil(seconds)
    detail = f"too many wrong passwords; try again in {after} seconds"
    return JSONResponse({"detail": detail}, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(after)})
