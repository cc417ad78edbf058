"""What a deployment remembers between two starts: its id, its ports, its secrets."""

import json
import secrets
import uuid
from dataclasses import MISSING, Field, asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from pipeline.deployment.files import refuse_open, write_private
from pipeline.deployment.home import Home
from pipeline.deployment.ports import first_free_port, free_port, is_free
from pipeline.environment import Service, Up
from pipeline.errors import DeploymentError

FORMAT = 1
UI_PORT = Up().ui_port
SERVICE_PORT = Service().port


@dataclass(frozen=True)
class Record:
    """The content of `deployment.json`.

    Args:
        format: the layout of the state folder; another layout is refused.
        id: marks every process of this deployment, and of no other.
        airflow_version: the version whose schema the Airflow database has; empty before the first migration.
        training_slots: the size that `up` last gave the training pool; zero before the first time.
        execution_port: where tasks reach Airflow; zero in records of early versions.
        service_port: where the classification service answers; zero in records of early versions.
    """

    format: int
    id: str
    postgres_port: int
    supervisor_port: int
    ui_port: int
    airflow_version: str = ""
    training_slots: int = 0
    execution_port: int = 0
    service_port: int = 0

    @classmethod
    def new(cls, ui_port: int = UI_PORT) -> Self:
        """Return the record of a deployment that has never been started."""
        ports = free_port(), free_port(), first_free_port(ui_port)
        return cls(
            FORMAT, str(uuid.uuid4()), *ports, execution_port=free_port(), service_port=first_free_port(SERVICE_PORT)
        )

    @classmethod
    def read(cls, home: Home) -> Self:
        """Return the record of a state folder.

        Raises:
            DeploymentError: there is no record, or this version cannot read it.
        """
        values = _read_json(home.record, _REMAKE)
        if values.get("format") != FORMAT:
            raise DeploymentError(
                str(home.record),
                f"state folder of format {values.get('format')}",
                f"this version reads format {FORMAT}",
                "move the folder away, or set PIPELINE_HOME to a new one",
            )
        found = {field.name: values[field.name] for field in fields(cls) if field.name in values}
        wrong = [field.name for field in fields(cls) if not _fits(field, found)]
        if wrong:
            what = f"incomplete: {', '.join(wrong)} missing or invalid"
            raise DeploymentError(str(home.record), what, next_step=_REMAKE)
        return cls(**found)

    def write(self, home: Home) -> None:
        """Write the record."""
        write_private(home.record, json.dumps(asdict(self), indent=2) + "\n")

    def with_free_ports(self, ui_port: int = UI_PORT) -> Self:
        """Return the record with new ports in place of those that other programs have taken."""
        return replace(
            self,
            postgres_port=_keep(self.postgres_port) or free_port(),
            supervisor_port=_keep(self.supervisor_port) or free_port(),
            ui_port=_keep(self.ui_port) or first_free_port(ui_port),
            execution_port=_keep(self.execution_port) or free_port(),
            service_port=_keep(self.service_port) or first_free_port(SERVICE_PORT),
        )

    @property
    def base_url(self) -> str:
        """The address of Airflow's pages and REST API."""
        return f"http://127.0.0.1:{self.ui_port}"

    @property
    def execution_url(self) -> str:
        """The address at which tasks reach Airflow."""
        return f"http://127.0.0.1:{self.execution_port}"

    @property
    def service_url(self) -> str:
        """The address of the classification service."""
        return f"http://127.0.0.1:{self.service_port}"


@dataclass(frozen=True)
class Secrets:
    """Made once, at the first start; the content of `secrets.json`.

    Those with a default were added later, and `pipeline up` adds them to a file of an earlier version.

    Args:
        postgres_password: of PostgreSQL's superuser, as whom only `pipeline up` connects, to make the roles.
        owner_password, tasks_password, registry_password, service_password, airflow_password: of these roles.
    """

    postgres_password: str
    supervisor_password: str
    admin_password: str
    jwt_secret: str
    api_secret_key: str
    fernet_key: str
    service_token: str = ""
    owner_password: str = ""
    tasks_password: str = ""
    registry_password: str = ""
    service_password: str = ""
    airflow_password: str = ""

    @classmethod
    def new(cls) -> Self:
        """Return new secrets. All are safe inside an address and a shell word."""
        import base64

        return cls(
            postgres_password=secrets.token_hex(24),
            supervisor_password=secrets.token_hex(24),
            admin_password=new_password(),
            jwt_secret=secrets.token_hex(64),  # HS512 requires 64 bytes
            api_secret_key=secrets.token_hex(32),
            fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            service_token=secrets.token_hex(24),
            owner_password=secrets.token_hex(24),
            tasks_password=secrets.token_hex(24),
            registry_password=secrets.token_hex(24),
            service_password=secrets.token_hex(24),
            airflow_password=secrets.token_hex(24),
        )

    @classmethod
    def read(cls, home: Home) -> Self:
        """Return the secrets of a state folder.

        Raises:
            DeploymentError: there are none, some are missing, or others can read them.
        """
        values = _read_json(home.secrets, _RESTORE)
        refuse_open(home.secrets)
        found = {field.name: values[field.name] for field in fields(cls) if field.name in values}
        if not all(_fits(field, found) for field in fields(cls)):
            raise DeploymentError(str(home.secrets), "does not contain the expected secrets", next_step=_RESTORE)
        return cls(**found)

    @property
    def complete(self) -> bool:
        """Whether none is missing; one is if an earlier version made the file."""
        return all(asdict(self).values())

    def completed(self) -> Self:
        """Return these secrets, with new ones in place of those that are missing."""
        return replace(self.new(), **{name: secret for name, secret in asdict(self).items() if secret})

    def write(self, home: Home) -> None:
        """Write the secrets."""
        write_private(home.secrets, json.dumps(asdict(self), indent=2) + "\n")


def _keep(port: int) -> int:
    """Return a port that is known and free; zero for any other."""
    return port if port and is_free(port) else 0


def new_password() -> str:
    """Return a password for a person: 16 letters and digits."""
    return secrets.token_urlsafe(12).replace("-", "x").replace("_", "y")


_MAKE = "run `pipeline up`, which makes a new one; nothing else is lost"
_REMAKE = f"remove it, then {_MAKE}"
_RESTORE = "restore it from a backup, or set PIPELINE_HOME to a new folder"


def _fits(field: Field[Any], found: dict[str, Any]) -> bool:
    """Return whether a file has a value of a field's type, or no value for a field with a default."""
    if field.name not in found:
        return field.default is not MISSING
    value = found[field.name]
    return type(value) is (int if field.type in (int, "int") else str)


def _read_json(path: Path, next_step: str) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not any(map(Path.exists, Home(path.parent).kept)):
            raise DeploymentError(str(path.parent), "no deployment here", next_step="run `pipeline up` first") from None
        next_step = _MAKE if next_step == _REMAKE else next_step
        raise DeploymentError(str(path), "is missing", next_step=next_step) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not JSON"
        raise DeploymentError(str(path), f"cannot be read ({reason})", next_step=next_step) from None
    if not isinstance(values, dict):
        raise DeploymentError(str(path), "not a JSON object", next_step=next_step)
    return values
