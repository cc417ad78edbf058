"""Services of docker-compose.yaml as processes of this machine: each in a container of its own, see `container.py`."""

import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from scaled.compose import ROOT, Service
from scaled.servers import CONTAINER


class Container:
    """One container of a service: its process, its log, and whether it is to be restarted."""

    def __init__(self, name: str, service: Service, folder: Path, environ: Mapping[str, str]) -> None:
        self.name = name
        self.service = service
        self.log = folder / f"{name}.log"
        self.starts = 0
        self._environ = {**environ, "HOSTNAME": name}
        self._wanted = False
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self._wanted = True
        self.starts += 1
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [*CONTAINER, str(self.service.memory_bytes or 0), *self.service.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environ,
                cwd=ROOT,
            )

    def watch(self) -> None:
        """Start it again if it has ended and its restart policy says so."""
        code = None if self._process is None else self._process.poll()
        policy, _, most = self.service.restart.partition(":")
        again = policy == "unless-stopped" or (policy == "on-failure" and code != 0 and self.starts <= int(most))
        if self._wanted and code is not None and again:
            self.start()

    def kill(self) -> None:
        """Kill every process in it; the restart policy does the rest."""
        assert self._process is not None
        self._process.send_signal(signal.SIGUSR1)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)

    def stop(self) -> None:
        """Ask it to end, and kill it when it does not within its time."""
        self._wanted = False
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(self.service.stop_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def wait(self, timeout_seconds: float = 120) -> int:
        """Return what it ends with."""
        assert self._process is not None
        return self._process.wait(timeout_seconds)

    @property
    def exit_code(self) -> int | None:
        """What it ended with; nothing while it runs."""
        return None if self._process is None else self._process.poll()

    def processes(self) -> list[psutil.Process]:
        """Every process in it."""
        with suppress(psutil.NoSuchProcess):
            if self._process is not None:
                return psutil.Process(self._process.pid).children(recursive=True)
        return []

    def is_healthy(self) -> bool:
        """Run its own health check."""
        if self.exit_code is not None or self.service.health is None:
            return False
        done = subprocess.run(
            self.service.health, env=self._environ, cwd=ROOT, capture_output=True, timeout=60, check=False
        )
        return done.returncode == 0

    def tail(self) -> str:
        """The end of its log, for a failure's message."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return f"--- {self.name} ({self.log})\n{text[-3000:]}"
