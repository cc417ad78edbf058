"""Runs a program as a user other than root, wherever the checkout is."""

import os
import pwd
import shutil
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import DeploymentError

# Bits of the permitted set in /proc/self/status, see capabilities(7).
_READ_ANYWHERE = (("dac_read_search", 2), ("dac_override", 1))


def unprivileged_user() -> tuple[int, int] | None:
    """Return the uid and gid for servers that refuse root, or None if this process is not root."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return (65534, 65534)
    return (nobody.pw_uid, nobody.pw_gid)


def without_root(command: Sequence[str]) -> list[str]:
    """Return the command, changed so that it drops root first; unchanged if this process is not root.

    The program keeps one capability, reading below folders closed to others: a clone under a 0700 `/root`
    works, and no permissions are changed.

    Raises:
        DeploymentError: this process is root and `setpriv` is missing.
    """
    user = unprivileged_user()
    if user is None:
        return list(command)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise DeploymentError(
            "setpriv",
            "not found; it starts PostgreSQL, which refuses to run as root",
            next_step="install util-linux, or run as another user",
        )
    kept = _capability_to_read_anywhere()
    capabilities = []
    if kept is not None:
        only = f"-all,+{kept}"
        capabilities = [
            "--securebits=+no_setuid_fixup",
            f"--inh-caps={only}",
            f"--ambient-caps={only}",
            f"--bounding-set={only}",
        ]
    uid, gid = user
    return [setpriv, f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *capabilities, "--", *command]


def give(path: Path) -> None:
    """Give a path to the user as which `without_root` runs programs."""
    user = unprivileged_user()
    if user is not None:
        os.chown(path, *user)


def _capability_to_read_anywhere() -> str | None:
    """Return the narrowest available capability that opens closed folders; containers often lack the first."""
    permitted = _permitted_capabilities()
    return next((name for name, bit in _READ_ANYWHERE if permitted & 1 << bit), None)


def _permitted_capabilities() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next((int(line.split()[1], 16) for line in lines if line.startswith("CapPrm:")), 0)
