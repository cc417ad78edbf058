"""PostgreSQL and RabbitMQ servers of a test's own, which it can stop, kill and start again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self

import pytest

from pipeline.deployment.ports import free_port
from pipeline.deployment.postgres import create_data_folder, server_command, server_url, wait_until_ready
from pipeline.deployment.programs import SERVER_SETTINGS
from scaled.compose import ROOT

CONTAINER = [sys.executable, str(Path(__file__).with_name("container.py"))]

# Debian's, Red Hat's, and where the generic archive is usually unpacked to
_RABBITMQ = (
    "/usr/lib/rabbitmq/bin/rabbitmq-server",
    "/usr/local/sbin/rabbitmq-server",
    "/opt/rabbitmq/sbin/rabbitmq-server",
)
_START_SECONDS = 90


class Server(ABC):
    """A server process with a log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def start(self) -> None:
        """Start it, and return when it answers."""

    def stop(self, asked: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, and wait until it has."""
        if self.process is not None:
            self.process.send_signal(asked)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it at once, without a word to it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGUSR1)
            self.process.wait(60)

    def _spawn(self, command: list[str], environ: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [*CONTAINER, "0", *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environ,
                cwd="/",
            )


class Postgres(Server):
    """PostgreSQL from the wheel, with the settings of a deployment."""

    def __init__(self, folder: Path, password: str) -> None:
        super().__init__(folder)
        self.password = password
        create_data_folder(folder / "data", password)

    def start(self) -> None:
        """Start it, and return when it answers."""
        settings = SERVER_SETTINGS | {"max_connections": "600"}
        process = self.process = self._spawn(server_command(self.folder / "data", self.port, settings))
        wait_until_ready(self.url("postgres"), lambda: process.poll() is None, self.log)

    def url(self, database: str) -> str:
        """Return a database's address."""
        return server_url(self.port, self.password, database)

    def stop(self, asked: signal.Signals = signal.SIGINT) -> None:
        """End its sessions and stop, as a restart does."""
        super().stop(asked)


class RabbitMQ(Server):
    """RabbitMQ as it is installed, with deploy/rabbitmq.conf."""

    def __init__(self, folder: Path, password: str) -> None:
        super().__init__(folder)
        program = next((path for path in _RABBITMQ if Path(path).exists()), None)
        if program is None:
            if os.environ.get("CI"):
                pytest.fail("RabbitMQ is not installed, and in CI it must be")
            pytest.skip("RabbitMQ is not installed (Debian: apt-get install rabbitmq-server)")
        self._program = program
        config = folder / "rabbitmq.conf"
        config.write_text(
            (ROOT / "deploy/rabbitmq.conf").read_text()
            + f"\nlisteners.tcp.default = 127.0.0.1:{self.port}\ndefault_user = pipeline\ndefault_pass = {password}\n"
        )
        (folder / "enabled_plugins").write_text("[].\n")
        self._environ = {name: value for name, value in os.environ.items() if not name.startswith("RABBITMQ")} | {
            "HOME": str(folder),  # its secret cookie is here
            "ERL_EPMD_PORT": str(free_port()),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"pipeline-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONFIG_FILE": str(config.with_suffix("")),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "logs"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
        }

    def start(self) -> None:
        """Start it, and return when it answers."""
        self.process = self._spawn([self._program], self._environ)
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(self.port):
            assert self.process.poll() is None, self.log.read_text(errors="replace")[-2000:]
            assert time.monotonic() < deadline, "RabbitMQ does not answer"
            time.sleep(0.1)

    def list_queues(self) -> list[dict[str, Any]]:
        """Return every queue with its type and messages."""
        return self._ask("list_queues", "name", "type", "durable", "messages_ready", "messages_unacknowledged")

    def list_connections(self) -> list[dict[str, Any]]:
        """Return every connection with the port of its client."""
        return self._ask("list_connections", "peer_port", "state")

    def _ask(self, *command: str) -> list[dict[str, Any]]:
        program = str(Path(self._program).with_name("rabbitmqctl"))
        done = subprocess.run(
            [program, "--node", self._environ["RABBITMQ_NODENAME"], "--quiet", "--formatter", "json", *command],
            env=self._environ,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        answer: list[dict[str, Any]] = json.loads(done.stdout)
        return answer


def _answers(port: int) -> bool:
    """Say whether the broker greets: its port is open some time before."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return bool(connection.recv(1))
    except OSError:
        return False
