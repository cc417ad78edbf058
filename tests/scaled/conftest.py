"""A scaled-out deployment to test on: every service of docker-compose.yaml, without containers."""

from collections.abc import Iterator

import pytest

from scaled.cluster import Cluster, running_cluster
from scaled.compose import make_variables


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The deployment with two training workers, running; leave it healthy."""
    with running_cluster(tmp_path_factory.mktemp("cluster"), make_variables()) as running:
        yield running
