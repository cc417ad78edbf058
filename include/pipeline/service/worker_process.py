"""A process that answers, as the process that follows sees it."""

import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.service.channel import Channel

_ANSWER_SECONDS = 300


class WorkerProcess:
    """One process, and the socket on which it listens; that outlives it, so that no waiting client is refused."""

    def __init__(self, listener: socket.socket, environ: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "pipeline.service.worker", str(theirs.fileno()), str(listener.fileno())]
        with theirs:
            self.process = subprocess.Popen(
                command, env=environ, pass_fds=(theirs.fileno(), listener.fileno()), stdin=subprocess.DEVNULL
            )
        self._channel = Channel(ours)

    def ask(self, message: dict[str, Any], parts: Sequence[bytes] = ()) -> str | None:
        """Send a message and return the answer; None also if the process has ended."""
        return self.receive() if self.send(message, parts) else None

    def send(self, message: dict[str, Any], parts: Sequence[bytes] = ()) -> bool:
        """Send a message; return whether the worker may answer it."""
        try:
            self._channel.send(message, parts)
        except OSError:
            self.kill()
        return self.alive

    def receive(self) -> str | None:
        """Return the answer to a message: why it could not be done, or None. A worker that gives none is killed."""
        try:
            answer, _ = self._channel.receive(_ANSWER_SECONDS)
        except (EOFError, OSError):
            self.kill()
            return "the process that read its document ended"
        return answer["error"]  # type: ignore[no-any-return]

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()
        self.process.wait()
        self._channel.close()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None
