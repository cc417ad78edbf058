"""Free TCP ports on 127.0.0.1."""

import socket

from pipeline.errors import DeploymentError

_TRIED_PORTS = 100


def is_free(port: int) -> bool:
    """Return whether nothing listens on the port."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Return a port that is free according to the kernel."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def first_free_port(start: int) -> int:
    """Return the first free port from `start` on.

    Raises:
        DeploymentError: a hundred ports in a row are taken.
    """
    for port in range(start, min(start + _TRIED_PORTS, 65536)):
        if is_free(port):
            return port
    raise DeploymentError(
        "ports",
        f"{start} to {start + _TRIED_PORTS - 1} are all taken",
        next_step="set PIPELINE_UI_PORT to another number",
    )
