"""A real PostgreSQL server for as long as a test needs it."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from pipeline.deployment.ports import free_port
from pipeline.deployment.postgres import create_data_folder, server_command, server_url, wait_until_ready

# Nothing here has to survive a power cut.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "50",
    "max_wal_size": "128MB",
}

_MEMORY = Path("/dev/shm")  # noqa: S108 (Linux's folder in memory)
_MEMORY_BYTES = 2 * 2**30
"""Which must be free there: all servers of all workers take a part of that."""


@contextmanager
def running_server(folder: Path) -> Iterator[str]:
    """Start a server in a folder; yield the address of its database `postgres` for the superuser."""
    password = secrets.token_hex(16)
    data = _choose_folder(folder) / "data"
    create_data_folder(data, password)
    port = free_port()
    log = folder / "log"
    command = server_command(data, port, FAST)
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
        shutil.rmtree(data)
        if data.parent != folder:
            data.parent.rmdir()


def with_database(server: str, name: str) -> str:
    """Return the address of another database of a server."""
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def _choose_folder(folder: Path) -> Path:
    """Return a folder in memory, where there is one with room, or else the folder on disk.

    A test's own databases are some hundred files, which some disks take longer to make and delete than the test takes.
    """
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _MEMORY_BYTES:
        return folder
    prefix = "pipeline-test-"
    for left in _MEMORY.glob(f"{prefix}*"):  # by tests that were killed
        if not psutil.pid_exists(int(left.name.removeprefix(prefix).split("-")[0])):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=_MEMORY))
