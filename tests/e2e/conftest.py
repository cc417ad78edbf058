"""Deployments to test on."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page

from e2e.browser import open_page
from e2e.deployments import Deployment, guarded, start_deployment


@pytest.fixture(scope="package")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment that runs while tests of this folder do. Leave it healthy; kill what you like in one of your own."""
    home = tmp_path_factory.mktemp("deployment") / "home"
    with guarded(home):
        yield start_deployment(home)


@pytest.fixture(scope="module")
def spare_deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment to kill and stop, not started yet. Its path holds what paths hold on people's machines."""
    home = tmp_path_factory.mktemp("spare") / "state of 100% ; mine"
    with guarded(home) as found:
        yield found


@pytest.fixture(scope="module")
def pages(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of the deployment with the demo's examples, logged in as administrator; one for all tests of a file."""
    done = deployment.run("examples", "demo")
    assert done.returncode == 0, done.stderr
    with open_page(deployment, tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="module")
def client(deployment: Deployment) -> Iterator[httpx.Client]:
    """A REST client of the administrator of a deployment with the demo's examples."""
    done = deployment.run("examples", "demo")
    assert done.returncode == 0, done.stderr
    headers = {"Authorization": f"Bearer {deployment.airflow.token}"}
    with httpx.Client(base_url=deployment.base_url, headers=headers, timeout=90, trust_env=False) as session:
        yield session
