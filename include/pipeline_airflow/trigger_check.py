"""Checks a plan in the API server before Airflow reads it, and answers with the sentences of `pipeline plan check`.

What a run of `evaluate_models` or of `prune` is asked for is checked in the same way.

Airflow alone reports one mistake, in the words of a JSON Schema, and accepts a key without a field.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from anyio import move_on_after
from anyio.to_thread import run_sync
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.airflow_client.api import DAG_ID, EVALUATION_DAG_ID, PRUNE_DAG_ID
from pipeline.web.bodies import TooLargeError, read_body, replay_body, says_too_much

log = logging.getLogger(__name__)

TRIGGER: Final = f"/api/v2/dags/{DAG_ID}/dagRuns"
EVALUATION_TRIGGER: Final = f"/api/v2/dags/{EVALUATION_DAG_ID}/dagRuns"
FORM: Final = f"/api/v2/dags/{DAG_ID}/details"
"""Where the trigger form gets the values of its fields."""

PRUNE_TRIGGER: Final = f"/api/v2/dags/{PRUNE_DAG_ID}/dagRuns"
TRIGGERS: Final = (TRIGGER, EVALUATION_TRIGGER, PRUNE_TRIGGER)

LARGEST_BODY_BYTES: Final = 2**19 + 2**16
"""The largest plan, with room for the rest of the request."""

_REFUSED_FOR_SURE: Final = {
    TRIGGER: {"dataset": None},
    EVALUATION_TRIGGER: {"models": None},
    PRUNE_TRIGGER: {"days": None},
}
_AIRFLOWS_WORDS: Final = "Invalid input for param"
_MOST_TOLD: Final = 100

_PATIENCE_SECONDS: Final = 3

Change = Callable[[int, bytes], Awaitable[bytes | None]]
"""Returns the body to answer with in place of a status and a body; None leaves the body as it is."""


class TriggerCheck:
    """Checks the plan in a request for a run, and gives the form its example. Every other request passes unchanged.

    Airflow decides who may trigger a run. So this class does not refuse a plan with mistakes: it gives Airflow a plan
    that Airflow is certain to refuse once it has checked the user, and writes the mistakes into that answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].endswith(TRIGGERS):
            await self._trigger(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] == "GET" and scope["path"].endswith(FORM):
            await self._app(scope, receive, _Rewriting(send, offer_examples))
        else:
            await self._app(scope, receive, send)

    async def _trigger(self, scope: Scope, receive: Receive, send: Send) -> None:
        trigger = next(each for each in TRIGGERS if scope["path"].endswith(each))
        body = None
        too_large = says_too_much(scope, LARGEST_BODY_BYTES)
        if not too_large:
            try:
                body = await read_body(receive, LARGEST_BODY_BYTES)
            except TooLargeError:
                too_large = True
        if too_large:
            detail = (
                f"the request's body has more than {LARGEST_BODY_BYTES:,} bytes; shorten lists of blocks, or split "
                "the plan into several"
            )
            answer = JSONResponse({"detail": detail}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            await answer(scope, receive, send)
        elif body is not None:
            refusal = await run_sync(_examine, body, trigger)
            if refusal is None:
                await self._app(scope, replay_body(body, receive), send)
                return
            stand_in, told = refusal
            headers = [each for each in scope["headers"] if each[0] not in (b"content-length", b"transfer-encoding")]
            length = (b"content-length", str(len(stand_in)).encode())

            async def tell(status: int, answer: bytes) -> bytes | None:
                return told if _is_about_plan(status, answer) else None

            refused = _Rewriting(send, tell)
            await self._app({**scope, "headers": [*headers, length]}, replay_body(stand_in, receive), refused)


class _Rewriting:
    """A `send` that replaces the body of an answer; if that fails, the answer is unchanged."""

    def __init__(self, send: Send, change: Change) -> None:
        self._send = send
        self._change = change
        self._start: Message = {}
        self._parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        self._parts.append(message.get("body", b""))
        if message.get("more_body", False):
            return
        body = b"".join(self._parts)
        try:
            changed = await self._change(self._start["status"], body)
        except Exception:
            log.exception("an answer was left as Airflow gave it")
            changed = None
        if changed is not None:
            body = changed
            headers = [each for each in self._start["headers"] if each[0].lower() != b"content-length"]
            self._start = {**self._start, "headers": [*headers, (b"content-length", str(len(body)).encode())]}
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


async def offer_examples(status: int, answer: bytes) -> bytes | None:
    """Return the DAG's details with an example as the value of each field that has no default.

    A default would show the same, but Airflow would also use it in a run that is triggered without the key. The example
    fits the examples that are there, and its options are in the order of the schema: Airflow's database sorts keys.
    """
    if status != HTTPStatus.OK:
        return None
    details = json.loads(answer)
    example: dict[str, Any] | None = None
    with move_on_after(_PATIENCE_SECONDS):
        example = await run_sync(_find_example, abandon_on_cancel=True)
    for name, param in details["params"].items():
        examples = param["schema"].get("examples")
        if param["value"] is None and examples:
            param["value"] = example[name] if example and name in example else examples[0]
    return json.dumps(details).encode()


def _find_example() -> dict[str, Any] | None:
    """Return a plan that fits the examples that are there, or None if that fails."""
    from pipeline.plans.example import shorten_lists
    from pipeline.registry.plans import find_example
    from pipeline_airflow.connections import registry_examples_database

    try:
        return shorten_lists(find_example(registry_examples_database()))
    except Exception:
        log.exception("the form has the example of the demo")
        return None


def _examine(body: bytes, trigger: str) -> tuple[bytes, bytes] | None:
    """Return the result of `examine`, or None if it fails."""
    try:
        return examine(body, trigger)
    except Exception:
        log.exception("a config was not checked; Airflow checks it, and the first task of the run")
        return None


def examine(body: bytes, trigger: str = TRIGGER) -> tuple[bytes, bytes] | None:
    """Return what Airflow gets in place of a request with a wrong config, and what to answer; None for a right one.

    None also if the request is not a JSON object: Airflow refuses that itself.
    """
    from pipeline.plans import PlanError, parse_plan  # every class of every registry
    from pipeline.plans.limits import MOST_LEVELS

    request: Any = {"logical_date": None}
    try:
        request = json.loads(body)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None
    except (RecursionError, ValueError):  # JSON, but too deep, or with a number of too many digits
        pass
    if not isinstance(request, dict) or "logical_date" not in request:
        return None  # Airflow refuses it and shows what was sent
    try:
        # the plan is one level down
        parsed = parse_plan(body.decode(json.detect_encoding(body), "surrogatepass"), "body", levels=MOST_LEVELS + 1)
        conf = {} if parsed.get("conf") is None else parsed["conf"]
        _CHECKS[trigger](conf)
    except PlanError as error:
        told = {"detail": str(error), "findings": [each.to_dict() for each in error.findings[:_MOST_TOLD]]}
        stand_in = request | {"conf": _REFUSED_FOR_SURE[trigger]}
        return json.dumps(stand_in).encode(), json.dumps(told).encode()
    return None


def _check_plan(conf: Any) -> None:
    """Raise a `PlanError` with everything that is wrong in a plan."""
    from pipeline.plans import PlanError, check_shape

    if findings := check_shape(conf):
        raise PlanError(findings)


def check_evaluation(conf: Any) -> None:
    """Raise an `EvaluationRequestError` with everything that is wrong in what `evaluate_models` is asked for."""
    from pipeline.plans.errors import EvaluationRequestError
    from pipeline.runs.evaluation_request import find_missing_models, read_request
    from pipeline_airflow.connections import registry_database

    if missing := find_missing_models(read_request(conf).models, registry_database()):
        raise EvaluationRequestError(missing)


def check_prune(conf: Any) -> None:
    """Raise a `PruneRequestError` with everything that is wrong in what `prune` is asked for."""
    from pipeline.environment import Keep
    from pipeline.runs.prune_request import read_policy

    read_policy(conf, Keep.read())


_CHECKS: Final = {TRIGGER: _check_plan, EVALUATION_TRIGGER: check_evaluation, PRUNE_TRIGGER: check_prune}


def _is_about_plan(status: int, answer: bytes) -> bool:
    """Return whether Airflow refuses the config, and not the user or something else about the run."""
    return status == HTTPStatus.BAD_REQUEST and str(json.loads(answer).get("detail")).startswith(_AIRFLOWS_WORDS)
