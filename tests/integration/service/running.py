"""A service in processes of its own, over a models database, as `pipeline serve` starts it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from commands import SCRIPT
from pipeline.deployment.ports import free_port

TOKEN = "t" * 30
PATIENCE_SECONDS = 120


@dataclass
class Running:
    """A running service, and what it has printed."""

    process: subprocess.Popen[str]
    url: str
    lines: list[str] = field(default_factory=list)

    def client(self) -> httpx.Client:
        """Return a client with the token."""
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60, trust_env=False
        )

    def models(self) -> list[dict[str, Any]]:
        """Return what it says that it serves."""
        with self.client() as client:
            return client.get("/v1/models").raise_for_status().json()  # type: ignore[no-any-return]

    def classify(self, text: str = "one two", **more: Any) -> dict[str, Any]:
        """Return its answer to a text."""
        with self.client() as client:
            return client.post("/v1/classify", json={"text": text, **more}).raise_for_status().json()  # type: ignore[no-any-return]

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that answer."""
        return psutil.Process(self.process.pid).children()

    @property
    def said(self) -> str:
        """All that it has printed so far."""
        return "".join(self.lines)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


def wait_until(true: Callable[[], Any], what: str = "it") -> Any:
    """Return what `true` returns once that is true; the time out only ends a test that has failed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := true()):
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.02)
    return found


@contextmanager
def start_service(folder: Path, environ: Mapping[str, str], *, listening: bool = True) -> Iterator[Running]:
    """Run `pipeline serve` with its folder, and end it with all its processes.

    Args:
        folder: where it keeps documents and keys.
        environ: where models come from, and other settings.
        listening: wait until it answers.
    """
    port = int(environ.get("PIPELINE_SERVICE_PORT", free_port()))
    settings = {
        "PIPELINE_SERVICE_PORT": str(port),
        "PIPELINE_SERVICE_TOKENS": TOKEN,
        "PIPELINE_SERVICE_FOLDER": str(folder / "documents"),
        "PIPELINE_SERVICE_KEYS_FILE": str(folder / "keys"),
        "PIPELINE_HOME": str(folder / "no deployment"),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, "serve"],
        env={**os.environ, **settings, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = Running(process, f"http://127.0.0.1:{port}")
    reader = threading.Thread(target=lambda: running.lines.extend(process.stdout or ()))
    reader.start()
    family = psutil.Process(process.pid)
    try:
        if listening:
            wait_until(lambda: "Serving" in running.said or process.poll() is not None, "the service to answer")
            assert process.poll() is None, running.said
        yield running
    finally:
        orphans = family.children() if family.is_running() else []
        process.kill()
        process.wait()
        for orphan in orphans:
            orphan.kill()
        reader.join()
        assert process.stdout is not None
        process.stdout.close()
