"""Airflow's own database, in the home of the tests, and its REST API on it."""

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PLUGINS = str(Path(__file__).parents[2] / "plugins")


@pytest.fixture(scope="session")
def metadata_database() -> None:
    """A migrated metadata database."""
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)


@pytest.fixture(scope="module")
def app(metadata_database: None) -> Iterator[Any]:
    """Airflow's REST API, which knows the DAG."""
    del metadata_database
    environ = os.environ | {"AIRFLOW__CORE__PLUGINS_FOLDER": PLUGINS}
    serialise = [sys.executable, "-m", "airflow", "dags", "reserialize"]
    subprocess.run(serialise, check=True, capture_output=True, env=environ)
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setenv("AIRFLOW__CORE__PLUGINS_FOLDER", PLUGINS)
        from airflow import plugins_manager
        from airflow.api_fastapi.app import create_app

        plugins = plugins_manager._get_plugins
        plugins.cache_clear()
        plugins_manager.get_fastapi_plugins.cache_clear()
        patch.setattr("airflow.settings.PLUGINS_FOLDER", PLUGINS)
        yield create_app("core")
        plugins.cache_clear()
        plugins_manager.get_fastapi_plugins.cache_clear()
