"""The few calls to Airflow's REST API that the command line needs."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from pipeline.errors import DeploymentError
from pipeline.plans.errors import Finding, PlanError

DAG_ID = "train_classifiers"
ENDED = ("success", "failed")


class AirflowApi:
    """A session with an Airflow API server.

    Args:
        url: such as `http://127.0.0.1:8080`.
        username, password: of a user who may trigger DAGs.
    """

    def __init__(self, url: str, username: str, password: str) -> None:
        self.url = url.rstrip("/")
        self._client = httpx.Client(base_url=self.url, timeout=30, trust_env=False)
        token = self._call("POST", "/auth/token", json={"username": username, "password": password})["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Return a session with the server that the environment names."""
        return cls(
            environ["PIPELINE_AIRFLOW_URL"],
            environ["PIPELINE_AIRFLOW_USERNAME"],
            environ["PIPELINE_AIRFLOW_PASSWORD"],
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def trigger(self, plan: Any) -> str:
        """Create a run with the plan as its config and return the run's id.

        Raises:
            PlanError: Airflow refused the plan.
            DeploymentError: Airflow does not answer, or refuses for another reason.
        """
        body = {"logical_date": None, "conf": plan}
        return str(self._call("POST", f"/api/v2/dags/{DAG_ID}/dagRuns", json=body)["dag_run_id"])

    def get_run_state(self, run_id: str) -> str:
        """Return `queued`, `running`, `success` or `failed`."""
        return str(self._call("GET", f"/api/v2/dags/{DAG_ID}/dagRuns/{run_id}")["state"])

    def run_url(self, run_id: str) -> str:
        """Return the address of a run's page in the UI."""
        return f"{self.url}/dags/{DAG_ID}/runs/{httpx.URL('/' + run_id).raw_path.decode()[1:]}"

    def _call(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            response = self._client.request(method, path, **request)
        except httpx.TransportError as error:
            raise DeploymentError(
                self.url, f"Airflow does not answer ({type(error).__name__})", next_step="run `pipeline up`"
            ) from None
        if response.is_success:
            answer: dict[str, Any] = response.json()
            return answer
        detail = _detail(response)
        if response.status_code == httpx.codes.BAD_REQUEST and path.endswith("/dagRuns"):
            raise PlanError([Finding("plan", detail)])
        raise DeploymentError(
            f"{self.url}{path}",
            f"Airflow answered {response.status_code}: {detail}",
            next_step="see `pipeline status`, and logs/api-server.log in the deployment's folder",
        )


def _detail(response: httpx.Response) -> str:
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return response.text[:500]
    return detail if isinstance(detail, str) else str(detail)
