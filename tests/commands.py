"""`pipeline …` as a user runs it: a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping

SCRIPT = "from pipeline.cli.app import main; main()"


def run_pipeline(environ: Mapping[str, str], *arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run `pipeline` with arguments and return what it said; `environ` is added to the tests' own environment."""
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        env=os.environ | environ,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
