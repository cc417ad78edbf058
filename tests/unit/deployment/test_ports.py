"""Free ports."""

import socket

import pytest

from pipeline.deployment import ports
from pipeline.deployment.ports import first_free_port, free_port, is_free
from pipeline.errors import DeploymentError


def test_a_port_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]

        assert not is_free(taken)
        assert first_free_port(taken) > taken


def test_a_port_taken_on_all_addresses_is_not_free() -> None:
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))  # noqa: S104 (nobody else can reach a test's port for long)
        listener.listen()

        assert not is_free(listener.getsockname()[1])


def test_a_free_port_is_free() -> None:
    assert is_free(free_port())


def test_no_free_port_names_the_range(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda _: False)

    with pytest.raises(DeploymentError, match="8080 to 8179 are all taken"):
        first_free_port(8080)
