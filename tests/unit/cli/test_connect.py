"""The environment comes first; a deployment on this machine supplies what it does not say."""

from pathlib import Path

import pytest

from pipeline.cli.connect import complete_environment
from pipeline.deployment.home import make_home
from pipeline.deployment.provision import provision
from pipeline.environment import ConnectionUrls
from pipeline.errors import DeploymentError
from pipeline.runs.connections import Connections

COMPLETE = dict.fromkeys(ConnectionUrls.names(), "postgresql://somewhere/else")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder that the environment means; nothing is there."""
    monkeypatch.setenv("PIPELINE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.usefixtures("home")
def test_a_complete_environment_needs_no_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, url in COMPLETE.items():
        monkeypatch.setenv(name, url)

    assert complete_environment()["AIRFLOW_CONN_MODELS_DB"] == "postgresql://somewhere/else"
    assert Connections.from_environment().notifications_url == "postgresql://somewhere/else"


@pytest.mark.parametrize("examples_db", [None, ""])
def test_what_is_missing_or_empty_comes_from_the_deployment(
    examples_db: str | None, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provision(make_home(home))
    monkeypatch.setenv("AIRFLOW_CONN_MODELS_DB", "postgresql://x")
    monkeypatch.setenv("AIRFLOW_CONN_NOTIFICATIONS", "  ")
    if examples_db is not None:
        monkeypatch.setenv("AIRFLOW_CONN_EXAMPLES_DB", examples_db)

    environ = complete_environment()

    assert environ["AIRFLOW_CONN_MODELS_DB"] == "postgresql://x"
    assert environ["AIRFLOW_CONN_EXAMPLES_DB"].endswith("/examples")
    assert environ["AIRFLOW_CONN_NOTIFICATIONS"].endswith("/notifications")
    assert environ["PIPELINE_EXAMPLES_KEYS_FILE"] == str(home / "examples.keys")


def test_keys_given_by_hand_take_the_place_of_the_deployments_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    provision(make_home(home))
    monkeypatch.setenv("PIPELINE_EXAMPLES_KEYS", "k1:…")

    assert "PIPELINE_EXAMPLES_KEYS_FILE" not in complete_environment()


@pytest.mark.usefixtures("home")
def test_without_either_the_error_names_what_is_missing() -> None:
    with pytest.raises(DeploymentError, match=r"lacks AIRFLOW_CONN_EXAMPLES_DB.*pipeline up"):
        complete_environment()


def test_a_worker_has_no_deployment_to_fall_back_on() -> None:
    with pytest.raises(DeploymentError, match=r"AIRFLOW_CONN_MODELS_DB, AIRFLOW_CONN_NOTIFICATIONS not set"):
        Connections.from_environment({"AIRFLOW_CONN_EXAMPLES_DB": "postgresql://x"})
