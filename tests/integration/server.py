"""A real PostgreSQL server for as long as a test needs it."""

import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.deployment.ports import free_port
from pipeline.deployment.postgres import create_data_folder, server_command, server_url, wait_until_ready

# Nothing here has to survive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "50"}


@contextmanager
def running_server(folder: Path) -> Iterator[str]:
    """Start a server in a folder; yield the address of its database `postgres` for the superuser."""
    password = secrets.token_hex(16)
    create_data_folder(folder / "data", password)
    port = free_port()
    log = folder / "log"
    command = server_command(folder / "data", port, FAST)
    setpriv = shutil.which("setpriv")
    if setpriv is not None:  # the server ends with us, even when we are killed
        command = (
            [setpriv, "--pdeathsig=INT", "--", *command]
            if command[0] != setpriv
            else [setpriv, "--pdeathsig=INT", *command[1:]]
        )
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/")
    try:
        url = server_url(port, password)
        wait_until_ready(url, lambda: process.poll() is None, log)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder / "data")


def with_database(server: str, name: str) -> str:
    """Return the address of another database of a server."""
    return urlsplit(server)._replace(path=f"/{name}").geturl()
