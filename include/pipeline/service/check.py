"""Asks a running service whether it works: what health checks run, so it imports little and asks no proxy."""

import http.client
import json
from http import HTTPStatus
from typing import Final, Literal

from pipeline.environment import Service
from pipeline.errors import PipelineError
from pipeline.service.tokens import read_tokens

Question = Literal["alive", "ready"]

_ROUTES: Final = {"alive": "/livez", "ready": "/readyz"}
_SECONDS: Final = 5


def check(settings: Service, question: Question) -> None:
    """Return if the service that the settings describe is alive, or ready: every model is in service.

    Raises:
        PipelineError: it is not, or it does not answer; or no token is known to ask with.
    """
    token = read_tokens(settings)[0]
    where = f"http://{settings.host}:{settings.port}{_ROUTES[question]}"
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=_SECONDS)
    try:
        connection.request("GET", _ROUTES[question], headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        told = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        what = f"no service answers there ({type(error).__name__})"
        raise PipelineError(where, what, next_step="start it with `pipeline serve`, or see its log") from None
    finally:
        connection.close()
    if answer.status != HTTPStatus.OK:
        detail = told.get("detail") if isinstance(told, dict) else None
        raise PipelineError(where, f"not {question}: {detail or f'it answered {answer.status}'}")
