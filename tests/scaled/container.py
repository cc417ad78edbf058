"""`python container.py MEMORY_BYTES COMMAND…`: what a container is to the processes in it, without Docker.

The first process of a container adopts every orphan in it. When the command ends, all the rest is killed and the
container ends with its exit code. SIGTERM and SIGINT go to the command; SIGUSR1 kills everything at once, as
`docker kill` does. So does going over the memory limit (0: none), as the kernel does with `memory.oom.group`, and the
end of whoever started the container.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from types import FrameType

import psutil

KILLED = 137
_SET_CHILD_SUBREAPER = 36
_killed = False


def main() -> int:
    """Run the command and return its exit code."""
    limit_bytes, command = int(sys.argv[1]), sys.argv[2:]
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    owner = os.getppid()
    signal.signal(signal.SIGUSR1, _ask_for_kill)
    process = subprocess.Popen(command)
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda number, _: os.kill(process.pid, number))
    code: int | None = None
    checked = time.monotonic()
    while code is None:
        time.sleep(0.1)
        code = _reap(process.pid)
        # nobody is left who could stop us
        if _killed or os.getppid() != owner:
            code = KILLED
        elif limit_bytes and time.monotonic() > checked + 1:
            checked = time.monotonic()
            code = KILLED if _memory_is_over(limit_bytes) else code
    _kill_all()
    return code if code >= 0 else 128 - code


def _ask_for_kill(_: int, __: FrameType | None) -> None:
    global _killed
    _killed = True


def _memory_is_over(limit_bytes: int) -> bool:
    """Say whether all processes together have more; pages that some share count once."""
    resident = shared_once = 0
    processes = psutil.Process().children(recursive=True)
    for process in processes:
        with suppress(psutil.Error):
            resident += process.memory_info().rss
    if resident <= limit_bytes:  # which is cheap to tell
        return False
    for process in processes:
        with suppress(psutil.Error):
            shared_once += process.memory_full_info().pss
    return shared_once > limit_bytes


def _reap(main_pid: int) -> int | None:
    """Collect orphans that have ended, and return the exit code of the command if it has."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return KILLED
        if pid == main_pid:
            return os.waitstatus_to_exitcode(status)
        if pid == 0:
            return None


def _kill_all() -> None:
    """Kill until nothing is left: a process may fork while the others are killed."""
    while children := psutil.Process().children(recursive=True):
        for child in children:
            with suppress(psutil.Error):
                child.kill()
        _reap(0)
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
