"""What `pipeline up` makes of the settings: the file's, with the training pool in this machine's size."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.airflow_client.api import AirflowApi
from pipeline.deployment import metadata
from pipeline.deployment.metadata import apply_machine_settings
from pipeline.errors import DeploymentError

POOL = "/api/v2/pools/training"


class PoolsOnly(AirflowApi):
    """An Airflow that has pools, and refuses all else."""

    token = "token"

    def __init__(self, slots: int | None) -> None:
        self.pools = {} if slots is None else {POOL: {"slots": slots, "description": "One slot a training task."}}

    def call(self, method: str, path: str, body: Any = None, timeout: float = 30) -> tuple[int, Any]:  # noqa: ARG002
        path = path.partition("?")[0]
        if "/pools" not in path:
            return 403, {"detail": "Forbidden"}
        if method == "GET":
            return (200, self.pools[path]) if path in self.pools else (404, {})
        place = f"{path}/{body['name']}" if method == "POST" else path
        self.pools[place] = {**self.pools.get(place, {}), **body}
        return 200, self.pools[place]


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(metadata, "code_root", lambda: tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("there", "last", "after", "given"),
    [
        (None, 0, 4, 4),
        (2, 2, 4, 4),
        (4, 4, 4, 4),
        (7, 2, 7, 2),
        (4, 0, 4, 4),
    ],
    ids=["first start", "another machine size", "same size", "somebody else's size", "a start that was cut short"],
)
def test_without_a_file_the_training_pool_is_made(there: int | None, last: int, after: int, given: int) -> None:
    api = PoolsOnly(there)

    assert apply_machine_settings(api, {}, 4, last) == given
    assert list(api.pools) == [POOL]
    assert api.pools[POOL]["slots"] == after


def test_the_files_other_pools_are_made_and_its_training_pools_size_is_not_taken(checkout: Path) -> None:
    pools = "{pool_name: training, pool_slot: 64}, {pool_name: reports, pool_slot: 3}"
    (checkout / "airflow_settings.yaml").write_text(f"airflow: {{pools: [{pools}]}}")
    api = PoolsOnly(None)

    apply_machine_settings(api, {}, 4, 0)

    assert {path.rpartition("/")[2]: pool["slots"] for path, pool in api.pools.items()} == {"training": 4, "reports": 3}


def test_what_airflow_refuses_is_told_once_the_pool_is_there(checkout: Path) -> None:
    text = "airflow: {variables: [{variable_name: v, variable_value: secret-word}]}"
    (checkout / "airflow_settings.yaml").write_text(text)
    api = PoolsOnly(None)

    with pytest.raises(DeploymentError, match="variable v: Airflow answered 403") as refused:
        apply_machine_settings(api, {}, 4, 0)

    assert api.pools[POOL]["slots"] == 4
    assert "secret-word" not in str(refused.value)


def test_a_connection_that_the_environment_has_is_not_even_asked_for(checkout: Path) -> None:
    text = "airflow: {connections: [{conn_id: examples_db, conn_type: postgres}]}"
    (checkout / "airflow_settings.yaml").write_text(text)

    given = apply_machine_settings(PoolsOnly(None), {"AIRFLOW_CONN_EXAMPLES_DB": "postgresql://h/d"}, 4, 0)

    assert given == 4
