"""`pipeline …` that is killed, as by `kill -9`, before its n-th statement: `python killed.py N ARGUMENT…`.

With 0 it is not killed, and writes how many statements there were as the last line of stderr.
"""

import os
import signal
import sys
from typing import Any

import psycopg

_last = int(sys.argv.pop(1))
_count = 0


def _counted(execute: Any) -> Any:
    def run(*arguments: Any, **options: Any) -> Any:
        global _count
        _count += 1
        if _count == _last:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*arguments, **options)

    return run


psycopg.Cursor.execute = _counted(psycopg.Cursor.execute)  # type: ignore[method-assign]

from pipeline.cli.app import main  # noqa: E402 - after what it uses was replaced

try:
    main()
finally:
    sys.stderr.write(f"\n{_count}\n")
