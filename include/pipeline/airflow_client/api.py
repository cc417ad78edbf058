"""Airflow's REST API, limited to what starting a deployment, triggering a run and watching it need."""

import weakref
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import quote

import httpx

from pipeline.environment import AirflowLogin
from pipeline.errors import AirflowUnavailableError, DeploymentError
from pipeline.plans.errors import EvaluationRequestError, Finding, PlanError

DAG_ID = "train_classifiers"
PREVIEW_DAG_ID = "preview_plan"
PRUNE_DAG_ID = "prune"
EVALUATION_DAG_ID = "evaluate_models"
ENDED_RUN_STATES = ("success", "failed")

_IDLE_SECONDS = 2
"""How long an unused connection is kept: less than servers and proxies usually do (uvicorn by default five seconds)."""


class AirflowApi:
    """An API server and a user who may trigger DAGs; the login happens with the first call that needs it.

    All calls share one connection, which is closed with the object. Threads may share the object.

    Args:
        url: such as `http://127.0.0.1:8080`.
        username, password: the user's.

    Raises:
        DeploymentError: the address is malformed.
    """

    def __init__(self, url: str, username: str, password: str) -> None:
        self.url = url.rstrip("/")
        _check_address(self.url)
        self._credentials = {"username": username, "password": password}
        self._token: str | None = None
        self._client = httpx.Client(
            base_url=self.url,
            trust_env="//127.0.0.1" not in self.url,  # this machine is never reached through a proxy
            verify=self.url.startswith("https"),  # reading the certificates costs more than a call without them
            limits=httpx.Limits(keepalive_expiry=_IDLE_SECONDS),
        )
        weakref.finalize(self, self._client.close)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Return the server and user that the environment names.

        Raises:
            DeploymentError: a part of the login is missing.
        """
        login = AirflowLogin.read(environ)
        if login.url is None or login.username is None or login.password is None:
            missing = ", ".join(login.missing)
            raise DeploymentError("environment", f"{missing} not set", next_step="set them, or run `pipeline up`")
        return cls(login.url, login.username, login.password)

    @property
    def token(self) -> str:
        """A bearer token of the user.

        Raises:
            DeploymentError: the server does not answer, or refuses the user.
        """
        if self._token is None:
            response = self._send("POST", "/auth/token", self._credentials)
            if response.is_server_error:
                raise self._unavailable(f"Airflow answered {response.status_code}", "/auth/token")
            if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
                seconds = response.headers.get("Retry-After", "some")
                raise self._unavailable(
                    f"too many wrong passwords; logins are possible in {seconds} seconds", "/auth/token"
                )
            if not response.is_success:
                what = f"login as {self._credentials['username']} refused with status {response.status_code}"
                raise DeploymentError(self.url, what, next_step="check the user name and password")
            self._token = str(response.json()["access_token"])
        return self._token

    def health(self) -> dict[str, Any] | None:
        """Return what the health page says about each component; None if no Airflow answers."""
        try:
            response = self._request("GET", "/api/v2/monitor/health", timeout=5)
        except httpx.TransportError:
            return None
        try:
            answer = response.json()
        except ValueError:  # another program is using the port
            return None
        return answer if response.is_success and isinstance(answer, dict) else None

    def call(self, method: str, path: str, body: Any = None, timeout: float = 30) -> tuple[int, Any]:
        """Return status and JSON answer of a request as the user.

        Raises:
            AirflowUnavailableError: the server does not answer, or not within `timeout` seconds.
            DeploymentError: it refuses the user.
        """
        response = self.send(method, path, timeout, body)
        try:
            return response.status_code, response.json()
        except ValueError:
            return response.status_code, {}

    def send(self, method: str, path: str, timeout: float = 30, body: Any = None) -> httpx.Response:
        """Return the response to a request as the user, whatever its status.

        Raises:
            AirflowUnavailableError: the server does not answer, or not within `timeout` seconds.
            DeploymentError: it refuses the user.
        """
        response = self._send(method, path, body, {"Authorization": f"Bearer {self.token}"}, timeout)
        if response.status_code == HTTPStatus.UNAUTHORIZED:  # the token is a day old
            self._token = None
            response = self._send(method, path, body, {"Authorization": f"Bearer {self.token}"}, timeout)
        return response

    def find(self, path: str) -> Any:
        """Return the JSON answer of a GET; None for status 404.

        Raises:
            DeploymentError: the server does not answer, or refuses.
        """
        status, answer = self.call("GET", path)
        return None if status == HTTPStatus.NOT_FOUND else self._check(path, status, answer)

    def change(self, method: str, path: str, body: Any, timeout: float = 30) -> Any:
        """Return the JSON answer of a request that must succeed.

        Raises:
            DeploymentError: the server does not answer, not within `timeout` seconds, or refuses.
        """
        return self._check(path, *self.call(method, path, body, timeout))

    def trigger(self, plan: Any, note: str = "", dag_id: str = DAG_ID) -> str:
        """Create a run with the plan, or what else the DAG takes, as its config and return the run's id.

        Args:
            note: what Airflow's pages show with the run.
            dag_id: the DAG to run.

        Raises:
            PlanError: Airflow refused the plan.
            DeploymentError: Airflow does not answer, or refuses for another reason.
        """
        path = f"/api/v2/dags/{dag_id}/dagRuns"
        status, answer = self.call("POST", path, {"logical_date": None, "conf": plan, "note": note or None})
        if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
            findings = [Finding(**each) for each in answer.get("findings", [])]
            refused = EvaluationRequestError if dag_id == EVALUATION_DAG_ID else PlanError
            raise refused(findings or [Finding(refused.subject.split()[-1], str(answer.get("detail")))])
        return str(self._check(path, status, answer)["dag_run_id"])

    def get_run_state(self, run_id: str, dag_id: str = DAG_ID) -> str:
        """Return `queued`, `running`, `success` or `failed`."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}"
        return str(self._check(path, *self.call("GET", path))["state"])

    def get_trigger_time(self, run_id: str) -> datetime:
        """Return when a run was triggered, or was to begin; it stays the same when the run is cleared."""
        path = f"/api/v2/dags/{DAG_ID}/dagRuns/{quote(run_id)}"
        return datetime.fromisoformat(self._check(path, *self.call("GET", path))["run_after"])

    def run_url(self, run_id: str, dag_id: str = DAG_ID) -> str:
        """Return the address of a run's page in the UI."""
        return f"{self.url}/dags/{dag_id}/runs/{quote(run_id, safe=':+')}"

    def _send(
        self, method: str, path: str, body: Any, headers: dict[str, str] | None = None, timeout: float = 30
    ) -> httpx.Response:
        try:
            return self._request(method, path, timeout, json=body, headers=headers)
        except httpx.TransportError as error:
            raise self._unavailable(f"Airflow does not answer ({type(error).__name__})") from None

    def _request(self, method: str, path: str, timeout: float = 30, **request: Any) -> httpx.Response:
        return self._client.request(method, path, timeout=timeout, **request)

    def _unavailable(self, what: str, path: str = "") -> AirflowUnavailableError:
        next_step = "see `pipeline status`, or run `pipeline up`"
        error = AirflowUnavailableError(f"{self.url}{path}", what, next_step=next_step)
        error.answered = bool(path)
        return error

    def _check(self, path: str, status: int, answer: Any) -> Any:
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            detail = answer.get("detail") if isinstance(answer, dict) else None
            said = f": {detail}" if isinstance(detail, str) else ""  # anything else is in Airflow's log
            raise self._unavailable(f"Airflow answered {status}{said}", path)
        if status >= HTTPStatus.BAD_REQUEST:
            detail = answer.get("detail", answer) if isinstance(answer, dict) else answer
            raise DeploymentError(f"{self.url}{path}", f"Airflow answered {status}: {detail}")
        return answer


def serves_tasks(url: str) -> bool:
    """Return whether the Execution API, which tasks report to, answers at an address such as `http://127.0.0.1:8081`.

    A server builds it at the first request, which the first task would otherwise wait for; also if this one gives up.
    """
    try:
        answer = httpx.get(f"{url}/execution/health", timeout=5, trust_env=False).json()
    except (httpx.TransportError, ValueError):  # nothing answers, or another program does
        return False
    return isinstance(answer, dict) and answer.get("status") == "healthy"


def _check_address(url: str) -> None:
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.host or parts.userinfo:
        allowed = "http:// or https://, a host and no login, such as https://airflow.example"
        raise DeploymentError(AirflowLogin.names()[0], "it is not the address of a server", allowed, "correct it")
