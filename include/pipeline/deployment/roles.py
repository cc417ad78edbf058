"""The roles of this machine's PostgreSQL server: their addresses, and how they are made."""

from typing import Final

from pipeline.deployment.postgres import server_url
from pipeline.deployment.record import Record, Secrets

AIRFLOW: Final = "airflow"
OWNER: Final = "owner"
TASKS: Final = "tasks"
REGISTRY: Final = "registry"
SERVICE: Final = "service"
ROLES: Final = (AIRFLOW, OWNER, TASKS, REGISTRY, SERVICE)
DATABASES: Final = {AIRFLOW: AIRFLOW, "examples": OWNER, "models": OWNER, "notifications": OWNER}
"""The role that owns each database."""


def role_url(record: Record, secrets: Secrets, role: str, database: str) -> str:
    """Return the address of a database for a role."""
    return server_url(record.postgres_port, password_of(secrets, role), database, role)


def password_of(secrets: Secrets, role: str) -> str:
    """Return the password of a role."""
    return str(getattr(secrets, f"{role}_password"))
