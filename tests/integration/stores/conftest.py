"""A server with roles, for those tests that ask for it."""

from collections.abc import Iterator

import pytest

from integration.server import running_server
from integration.stores.roles_server import OWNERS, PASSWORDS, Server
from pipeline.stores.roles import make_roles


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with every role, and every database at this version's schema. Leave its rights as they are."""
    with running_server(tmp_path_factory.mktemp("server")) as url:
        make_roles(url, PASSWORDS, OWNERS)
        made = Server(url)
        made.migrate()
        yield made
