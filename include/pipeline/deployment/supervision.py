"""supervisord: its settings file, its start, and what it reports about the programs."""

import http.client
import os
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from xml.parsers.expat import ExpatError

from pipeline.deployment.files import write_private
from pipeline.deployment.home import Home
from pipeline.deployment.programs import PROGRAMS
from pipeline.deployment.record import Record, Secrets
from pipeline.errors import DeploymentError

_USER = "pipeline"
_START_SECONDS = 60
_ANSWER_SECONDS = 10
_STOP_SECONDS = 15
"""How long a program may take to stop before it is killed."""
# The last four: another program answers on the port, in another protocol or to others.
_NO_ANSWER = (
    OSError,
    http.client.HTTPException,
    ExpatError,
    xmlrpc.client.ProtocolError,
    xmlrpc.client.ResponseError,
)
# Every path is relative to the state folder, where supervisord starts, and the interpreter is found through PATH: no
# path, whatever its characters, has to be written in this file's syntax.
_SETTINGS = """\
[supervisord]
logfile=logs/supervisord.log
logfile_maxbytes=5MB
logfile_backups=2
pidfile=supervisord.pid
childlogdir=logs
umask=077
minfds=1024

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[inet_http_server]
port=127.0.0.1:{port}
username={user}
password={password}
"""
_PROGRAM = """
[program:{name}]
command={interpreter} -m pipeline.deployment.launch {name}
priority={priority}
autostart=false
autorestart=true
startsecs=10
startretries=20
stopsignal={stop_signal}
stopwaitsecs={stop_seconds}
stopasgroup={as_group}
killasgroup=true
redirect_stderr=true
stdout_logfile=logs/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


@dataclass(frozen=True)
class ProgramState:
    """What supervisord reports about a program; `started` in seconds since 1970, zero if it does not run."""

    name: str
    state: str
    pid: int
    started: int
    reason: str

    @property
    def runs(self) -> bool:
        """Whether its process is alive."""
        return self.state in {"RUNNING", "STARTING"}

    @property
    def failed(self) -> bool:
        """Whether it ended soon after its start; supervisord tries again several times, then gives up."""
        return self.state in {"BACKOFF", "FATAL"}


class Supervisor:
    """A supervisord at an address."""

    def __init__(self, port: int, password: str) -> None:
        self._address = f"http://{_USER}:{password}@127.0.0.1:{port}/RPC2"

    @classmethod
    def of(cls, record: Record, secrets: Secrets) -> Self:
        """Return the supervisord of a deployment."""
        return cls(record.supervisor_port, secrets.supervisor_password)

    def states(self) -> dict[str, ProgramState] | None:
        """Return the state of every program, or None if supervisord does not answer."""
        try:
            found = self._call("getAllProcessInfo")
        except (DeploymentError, xmlrpc.client.Fault):
            return None
        return {
            info["name"]: ProgramState(
                info["name"],
                info["statename"],
                info["pid"],
                info["start"] if info["pid"] else 0,
                info["spawnerr"],
            )
            for info in found
        }

    def start(self, name: str) -> None:
        """Start a program unless it runs; return immediately.

        Raises:
            DeploymentError: supervisord does not answer, or does not know the program.
        """
        state = (self.states() or {}).get(name)
        if state is not None and state.failed:
            self.stop(name)  # start again now instead of waiting for its next try
        try:
            self._call("startProcess", name, False)
        except xmlrpc.client.Fault as fault:
            if "ALREADY_STARTED" not in fault.faultString:
                what = f"supervisord does not start it ({fault.faultString})"
                # a supervisord that an earlier version started does not know all programs
                raise DeploymentError(name, what, next_step="run `pipeline down`, then `pipeline up`") from fault

    def stop(self, name: str) -> None:
        """Stop a program, or supervisord's tries to start it, and return once it has ended.

        Raises:
            DeploymentError: supervisord does not answer.
        """
        with suppress(xmlrpc.client.Fault):  # it has already ended
            self._call("stopProcess", name, work=_STOP_SECONDS)

    def session(self) -> int:
        """Return the number of the session that it leads as a daemon; everything that it starts is in it."""
        return os.getsid(self._call("getPID"))

    def _call(self, method: str, *args: Any, work: float = 0) -> Any:
        """Return what supervisord answers, which takes up to `work` seconds when it has nothing else to do."""
        with xmlrpc.client.ServerProxy(self._address, transport=_Transport(_ANSWER_SECONDS + work)) as server:
            try:
                return getattr(server.supervisor, method)(*args)
            except _NO_ANSWER as error:
                what = f"does not answer ({error!r})"
                raise DeploymentError(
                    "supervisord", what, next_step="run `pipeline down`, then `pipeline up`"
                ) from None


class _Transport(xmlrpc.client.Transport):
    """Gives up on a supervisord that hangs, or on another program that now has its port."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = super().make_connection(host)
        connection.timeout = self._seconds
        return connection


def start_supervisor(home: Home, record: Record, secrets: Secrets, environ: Mapping[str, str]) -> Supervisor:
    """Start supervisord as a daemon that has started no program yet.

    Raises:
        DeploymentError: it ended or does not answer.
    """
    write_private(home.supervisor_settings, _render(record, secrets))
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(home.supervisor_settings)]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environ,
        cwd=home.path,
        umask=0o077,
        check=False,
    )
    supervisor = Supervisor.of(record, secrets)
    deadline = time.monotonic() + _START_SECONDS
    while done.returncode == 0 and time.monotonic() < deadline:
        if supervisor.states() is not None:
            write_private(home.session, f"{supervisor.session()}\n")
            return supervisor
        time.sleep(0.05)
    words = " / ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
    raise DeploymentError(
        str(home.log_of("supervisord")),
        f"supervisord does not start{': ' if words else ''}{words}",
        next_step="read that file, then run `pipeline up` again",
    )


def _render(record: Record, secrets: Secrets) -> str:
    head = _SETTINGS.format(port=record.supervisor_port, user=_USER, password=secrets.supervisor_password)
    return head + "".join(
        _PROGRAM.format(
            name=program.name,
            interpreter=Path(sys.executable).name,
            priority=10 * (index + 1),
            stop_signal=program.stop_signal,
            stop_seconds=_STOP_SECONDS,
            # A signal to every server process would end them before the last transaction is written to disk.
            as_group="false" if program.name == "postgres" else "true",
        )
        for index, program in enumerate(PROGRAMS)
    )
