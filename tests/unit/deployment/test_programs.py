"""What each program is started with."""

from pathlib import Path

import pytest

from pipeline.deployment.home import Home
from pipeline.deployment.launch import main
from pipeline.deployment.programs import (
    API_SERVER,
    EXECUTION_API,
    PROGRAMS,
    SCHEDULER,
    SERVER_SETTINGS,
    SESSIONS,
    Program,
    command_of,
)
from pipeline.deployment.record import Record
from pipeline.registry.limits import MOST_REQUESTS

THREADS_OF_A_SERVER = 40


def test_tasks_and_readers_have_servers_of_their_own(tmp_path: Path) -> None:
    home, record = Home(tmp_path), Record.new()
    commands = {program: command_of(program.name, home, record)[3:] for program in (EXECUTION_API, API_SERVER)}

    assert commands == {
        EXECUTION_API: ["api-server", "--apps", "execution", "--port", str(record.execution_port)],
        API_SERVER: ["api-server", "--apps", "core"],
    }


def test_servers_have_more_sessions_than_threads_and_postgresql_takes_them_all() -> None:
    sessions = sum(map(int, SESSIONS.values()))
    servers = [program for program in PROGRAMS if program.environ == SESSIONS]

    assert servers == [EXECUTION_API, API_SERVER]
    assert sessions > THREADS_OF_A_SERVER
    # two pools for each, the registry's own connections, and what the other components and some tasks need
    assert 2 * sessions * len(servers) + MOST_REQUESTS + 60 <= int(SERVER_SETTINGS["max_connections"])


def test_only_those_who_read_stand_back_where_cores_are_short() -> None:
    assert [program for program in PROGRAMS if program.niceness] == [API_SERVER]


@pytest.mark.parametrize("program", [EXECUTION_API, API_SERVER, SCHEDULER])
def test_a_program_gets_its_own_variables(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = program.name
    Record.new().write(Home(tmp_path))
    given: dict[str, str] = {}
    environ = {"PIPELINE_HOME": str(tmp_path), "KEPT": "kept"}
    monkeypatch.setattr("pipeline.deployment.launch.os.environ", environ)
    monkeypatch.setattr("pipeline.deployment.launch.sys.argv", ["launch", name])

    def become(path: str, command: list[str], wanted: dict[str, str]) -> None:
        assert path == command[0]
        given.update(wanted)

    niceness: list[int] = []
    monkeypatch.setattr("pipeline.deployment.launch.os.execve", become)
    monkeypatch.setattr("pipeline.deployment.launch.os.nice", niceness.append)

    main()

    assert given["PIPELINE_PROGRAM"] == name
    assert given["KEPT"] == "kept"
    assert (SESSIONS.items() <= given.items()) is (program is not SCHEDULER)
    assert niceness == [program.niceness]
