"""`python -m pipeline.deployment.launch PROGRAM`: what supervisord runs; becomes the program.

A scheduler that is killed leaves its workers and their tasks behind, and nothing would ever end them: the next
scheduler ends them first.
"""

import os
import sys

from pipeline.deployment.home import Home, find_home
from pipeline.deployment.processes import end_processes, find_processes, remove_stale_lock
from pipeline.deployment.programs import POSTGRES, PROGRAMS, SERVICE, command_of
from pipeline.deployment.record import Record, Secrets
from pipeline.deployment.variables import connect_service, narrow
from pipeline.environment import Deployment


def main() -> None:
    """End the processes that a predecessor of the program left, then become the program."""
    name = sys.argv[1]
    home = Home(find_home(Deployment.read().home))
    record = Record.read(home)
    program = next(program for program in PROGRAMS if program.name == name)
    os.environ |= {**program.environ, **Deployment(program=name).to_environ()}
    os.nice(program.niceness)
    end_processes(find_processes(home, record.id, name))
    if name == POSTGRES.name:
        remove_stale_lock(home.postgres)
    command = command_of(name, home, record)
    environ = narrow(os.environ, name)
    if name == SERVICE.name:
        environ |= connect_service(record, Secrets.read(home))
    os.execve(command[0], command, environ)  # noqa: S606 (this project's)


if __name__ == "__main__":
    main()
