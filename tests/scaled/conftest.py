"""A scaled-out deployment to test on: every service of docker-compose.yaml, without containers."""

from collections.abc import Iterator

import pytest

from scaled.cluster import Cluster, running_cluster
from scaled.compose import Service, make_variables, read_compose


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The deployment with two training workers, running; leave it healthy."""
    with running_cluster(tmp_path_factory.mktemp("cluster"), make_variables()) as running:
        yield running


@pytest.fixture(scope="session")
def services() -> dict[str, Service]:
    """The services of docker-compose.yaml, with the variables of a new `.env`."""
    return read_compose(make_variables())
