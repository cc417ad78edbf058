"""Who may log in to Airflow on one machine: their roles in `users.json`, their passwords in Airflow's own file.

Airflow's API server reads both whenever somebody logs in or sends a token, so that a change needs no restart.
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pipeline.deployment.airflow_settings import ADMIN
from pipeline.deployment.files import write_private
from pipeline.deployment.home import Home
from pipeline.deployment.record import new_password
from pipeline.errors import DeploymentError, NotFoundError, PipelineError

ROLES: Final = ("viewer", "user", "op", "admin")
SHORTEST_PASSWORD: Final = 8
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")


@dataclass(frozen=True)
class User:
    """One entry of the list.

    Args:
        id: is in each of the user's tokens: somebody who is added again under the same name has another one.
        role: one of Airflow's roles.
        added_at: ISO 8601.
    """

    id: str
    role: str
    added_at: str

    @classmethod
    def new(cls, role: str) -> "User":
        """Return an entry for somebody who is added now."""
        return cls(secrets.token_hex(8), role, datetime.now(UTC).isoformat(timespec="seconds"))


def read_users(home: Home) -> Mapping[str, User]:
    """Return who may log in, by name; cheap if the file has not changed.

    Raises:
        DeploymentError: there is no list, or it is damaged.
    """
    try:
        found = home.users.stat()
    except OSError:
        raise DeploymentError(str(home.users), "is missing", next_step="run `pipeline up` first") from None
    return _parse(home.users, (found.st_ino, found.st_mtime_ns, found.st_size))


def add_user(home: Home, name: str, role: str, password: str | None = None) -> str:
    """Let somebody log in from now on, and return their password, by default a new one.

    Raises:
        PipelineError: the name, the role or the password is not allowed, or the name is taken.
        DeploymentError: there is no list, or it is damaged.
    """
    if not _NAME.fullmatch(name):
        allowed = "at most 64 letters, digits and . _ @ + -, a letter or digit first"
        raise PipelineError("user", repr(name[:80]), allowed)
    if role not in ROLES:
        raise PipelineError("role", repr(role), ", ".join(ROLES))
    if password is not None and (len(password) < SHORTEST_PASSWORD or not password.isprintable()):
        allowed = f"one line of at least {SHORTEST_PASSWORD} characters"
        raise PipelineError("password", f"a line of {len(password)} characters or several lines", allowed)
    users = read_users(home)
    if taken := next((other for other in users if other.casefold() == name.casefold()), None):
        next_step = "choose another name" if taken == ADMIN else f"remove it first: `pipeline users remove {taken}`"
        raise PipelineError("user", f"there is already a {taken!r}", next_step=next_step)
    password = password or new_password()
    # The password first: Airflow would make one up, and print it, for a user without.
    _write(home.airflow_passwords, {**_read_passwords(home), name: password})
    _write_users(home, {**users, name: User.new(role)})
    return password


def remove_user(home: Home, name: str) -> None:
    """Let somebody log in no longer; their tokens are refused from now on.

    Raises:
        NotFoundError: there is no such user.
        PipelineError: it is the administrator whom commands log in as.
        DeploymentError: there is no list, or it is damaged.
    """
    users = read_users(home)
    if name not in users:
        raise NotFoundError("user", f"there is no {name[:80]!r}", ", ".join(users), "see `pipeline users list`")
    if name == ADMIN:
        what = f"{ADMIN!r} cannot be removed: commands log in as this user"
        raise PipelineError("user", what, next_step="remove other administrators instead")
    _write_users(home, {other: user for other, user in users.items() if other != name})
    _write(home.airflow_passwords, {other: word for other, word in _read_passwords(home).items() if other != name})


def provide_users(home: Home, admin_password: str) -> None:
    """Make the list if it is missing, and the password file, in which everybody on the list has a password.

    Raises:
        DeploymentError: the list is damaged.
    """
    if not home.users.exists():
        _write_users(home, {ADMIN: User.new("admin")})
    known = _read_passwords(home) | {ADMIN: admin_password}
    _write(home.airflow_passwords, {name: known.get(name) or new_password() for name in read_users(home)})


def _read_passwords(home: Home) -> dict[str, str]:
    """Return the known passwords; nobody's if the file is missing or damaged, and `up` then makes new ones."""
    try:
        found = json.loads(home.airflow_passwords.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: word for name, word in found.items() if isinstance(word, str)} if isinstance(found, dict) else {}


@lru_cache(maxsize=1)
def _parse(path: Path, _version: tuple[int, ...]) -> Mapping[str, User]:
    """Return the content of the list in a version of the file."""
    next_step = f"restore it from a backup, or remove it and run `pipeline up`: then only {ADMIN!r} may log in"
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        users = {name: User(**value) for name, value in values.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        raise DeploymentError(str(path), "cannot be read as a list of users", next_step=next_step) from None
    if any(user.role not in ROLES for user in users.values()) or ADMIN not in users or users[ADMIN].role != ADMIN:
        what = f"lacks {ADMIN!r} as an administrator, or has a role that is none of {', '.join(ROLES)}"
        raise DeploymentError(str(path), what, next_step=next_step)
    return users


def _write_users(home: Home, users: Mapping[str, User]) -> None:
    _write(home.users, {name: asdict(user) for name, user in users.items()})


def _write(path: Path, values: Mapping[str, Any]) -> None:
    write_private(path, json.dumps(values, indent=2) + "\n")
