"""Print the secrets for docker-compose.yaml, as `NAME=value` lines; `make .env` stores them.

    python3 make_env.py [FILE]

With the file of an earlier version, print what is in it and add the secrets that it lacks. Needs only Python's standard
library, so a machine that only runs containers can create them too.
"""

import base64
import secrets
import sys
from pathlib import Path

HEAD = """\
# Secrets of this deployment, read by docker-compose.yaml. Keep them: the databases are created with them.
# Sizes and addresses can be set here too, such as WORKER_MEMORY=8g or PIPELINE_BIND=0.0.0.0:8080.
"""


def make_env(existing: str = "") -> str:
    """Return the content of a new or completed `.env`; new values hold no characters that a shell or address changes.

    Args:
        existing: the content so far.
    """
    values = {
        "POSTGRES_PASSWORD": secrets.token_hex(24),
        "POSTGRES_OWNER_PASSWORD": secrets.token_hex(24),
        "POSTGRES_TASKS_PASSWORD": secrets.token_hex(24),
        "POSTGRES_REGISTRY_PASSWORD": secrets.token_hex(24),
        "POSTGRES_SERVICE_PASSWORD": secrets.token_hex(24),
        "POSTGRES_AIRFLOW_PASSWORD": secrets.token_hex(24),
        "POSTGRES_CELERY_PASSWORD": secrets.token_hex(24),
        "RABBITMQ_PASSWORD": secrets.token_hex(24),
        "AIRFLOW_FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW_JWT_SECRET": secrets.token_hex(64),  # HS512 asks for 64 bytes
        "AIRFLOW_API_SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW_ADMIN_PASSWORD": secrets.token_hex(12),
        "SERVICE_TOKENS": secrets.token_hex(24),
    }
    known = {line.partition("=")[0].removeprefix("export ").strip() for line in existing.splitlines()}
    kept = existing if existing.endswith("\n") or not existing else existing + "\n"
    return (kept or HEAD) + "".join(f"{name}={value}\n" for name, value in values.items() if name not in known)


if __name__ == "__main__":
    files = [Path(name) for name in sys.argv[1:]]
    print(make_env("".join(file.read_text() for file in files if file.exists())), end="")  # noqa: T201
