"""How long a fresh installation takes, and how large it is: `python benchmarks/installation.py [LOCK …]`.

For each lock, uv makes an environment, from a cache that is filled before; then a program loads every document of the
tests and classifies with it. Without arguments: what answers need, and the whole platform. The size is given twice: as
installed, and with the bytecode files that the first start of that program has written.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from machine import format_machine

from fresh import ROOT, count_bytes, make_environment

LOCKS = ("requirements-service.lock", "requirements.lock")
ANSWER = (ROOT / "tests/answering.py", ROOT / "tests/documents")
ROW = "{:28} {:>9} {:>6} {:>14} {:>8} {:>9}"


def measure(lock: str) -> tuple[float, float, float, float, float]:
    """Return seconds of the installation, its MB, seconds of the first start, MB after it, seconds of the second."""
    with tempfile.TemporaryDirectory() as folder:
        make_environment(Path(folder, "warm"), lock)
        begun = time.perf_counter()
        python = make_environment(Path(folder, "venv"), lock)
        installed = time.perf_counter() - begun
        size = count_bytes(python)
        starts = []
        environ = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        for _ in range(2):
            begun = time.perf_counter()
            subprocess.run([python, *ANSWER], capture_output=True, check=True, env=environ)
            starts.append(time.perf_counter() - begun)
        return installed, size / 10**6, starts[0], count_bytes(python) / 10**6, starts[1]


if __name__ == "__main__":
    print(format_machine())
    print(ROW.format("lock", "seconds", "MB", "first answers", "MB then", "the next"))
    for name in sys.argv[1:] or LOCKS:
        seconds, size_mb, first, later_mb, second = measure(name)
        print(
            ROW.format(name, f"{seconds:.1f}", f"{size_mb:.0f}", f"{first:.1f} s", f"{later_mb:.0f}", f"{second:.1f} s")
        )
