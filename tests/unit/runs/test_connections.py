"""The environment comes first; a deployment on this machine supplies what it does not say."""

from pathlib import Path

import pytest

from pipeline.deployment.home import make_home
from pipeline.deployment.provision import provision
from pipeline.errors import DeploymentError
from pipeline.runs.connections import REQUIRED, Connections, complete_environment

COMPLETE = dict.fromkeys(REQUIRED, "postgresql://somewhere/else")


def test_a_complete_environment_needs_no_deployment(tmp_path: Path) -> None:
    environ = COMPLETE | {"PIPELINE_HOME": str(tmp_path / "none")}

    assert complete_environment(environ) == environ
    assert Connections.from_environment(environ).notifications_url == "postgresql://somewhere/else"


def test_what_is_missing_comes_from_the_deployment(tmp_path: Path) -> None:
    provision(make_home(tmp_path / "home"))

    environ = complete_environment(
        {"PIPELINE_HOME": str(tmp_path / "home"), "AIRFLOW_CONN_MODELS_DB": "postgresql://x"}
    )

    assert environ["AIRFLOW_CONN_MODELS_DB"] == "postgresql://x"
    assert environ["AIRFLOW_CONN_EXAMPLES_DB"].endswith("/examples")
    assert environ["PIPELINE_EXAMPLES_KEYS_FILE"] == str(tmp_path / "home" / "examples.keys")


def test_keys_given_by_hand_take_the_place_of_the_deployments_file(tmp_path: Path) -> None:
    provision(make_home(tmp_path / "home"))

    environ = complete_environment({"PIPELINE_HOME": str(tmp_path / "home"), "PIPELINE_EXAMPLES_KEYS": "k1:…"})

    assert "PIPELINE_EXAMPLES_KEYS_FILE" not in environ


def test_without_either_the_error_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match=r"lacks AIRFLOW_CONN_EXAMPLES_DB.*pipeline up"):
        complete_environment({"PIPELINE_HOME": str(tmp_path / "none")})
