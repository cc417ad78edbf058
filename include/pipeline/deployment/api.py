"""Airflow's REST API, as far as starting and watching a deployment needs it."""

import http.client
import json
import urllib.error
import urllib.request
from typing import Any

from pipeline.deployment.airflow_settings import ADMIN
from pipeline.errors import DeploymentError

_SECONDS = 30


class AirflowApi:
    """The API server at `base_url`, spoken to as its administrator."""

    def __init__(self, base_url: str, password: str) -> None:
        self.base_url = base_url
        self._password = password
        self._token: str | None = None
        # An address on this machine is never reached through a proxy.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def health(self) -> dict[str, Any] | None:
        """Return what `/api/v2/monitor/health` says, or nothing when nobody answers."""
        try:
            status, answer = self._send("GET", "/api/v2/monitor/health", seconds=5)
        except (OSError, http.client.HTTPException):
            return None
        return answer if status == 200 else None

    def warm_up(self) -> None:
        """Make the server build the part that tasks talk to, which it otherwise does while the first one waits."""
        self.call("GET", "/execution/health")

    def token(self) -> str:
        """Return a bearer token; asked for once."""
        if self._token is None:
            credentials = {"username": ADMIN, "password": self._password}
            status, answer = self._send("POST", "/auth/token", credentials)
            if status not in (200, 201):
                raise DeploymentError(self.base_url, f"login as {ADMIN} refused with status {status}")
            self._token = answer["access_token"]
        return self._token

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and answer of a request with our token.

        Raises:
            DeploymentError: nobody answers.
        """
        try:
            return self._send(method, path, body, {"Authorization": f"Bearer {self.token()}"})
        except (OSError, http.client.HTTPException) as error:
            raise DeploymentError(self.base_url, f"no answer ({error})", next_step="see `pipeline status`") from error

    def _send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, seconds: int = _SECONDS
    ) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 (the address is http://127.0.0.1)
            self.base_url + path, data, {"Content-Type": "application/json", **(headers or {})}, method=method
        )
        try:
            with self._opener.open(request, timeout=seconds) as response:
                return response.status, _parse(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _parse(error.read())


def _parse(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
