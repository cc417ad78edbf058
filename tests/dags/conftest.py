"""Airflow's own database, in the home of the tests."""

import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def metadata_database() -> None:
    """A migrated metadata database."""
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)
