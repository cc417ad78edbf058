"""Print new secrets for docker-compose.yaml, as `NAME=value` lines; `make .env` stores them.

Needs only Python's standard library, so a machine that only runs containers can create them too.
"""

import base64
import secrets

HEAD = """\
# Secrets of this deployment, read by docker-compose.yaml. Keep them: the databases are created with them.
# Sizes and addresses can be set here too, such as WORKER_MEMORY=8g or PIPELINE_BIND=0.0.0.0:8080.
"""


def make_env() -> str:
    """Return the content of a new `.env`; its values hold no characters that an address or a shell would change."""
    values = {
        "POSTGRES_PASSWORD": secrets.token_hex(24),
        "RABBITMQ_PASSWORD": secrets.token_hex(24),
        "AIRFLOW_FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW_JWT_SECRET": secrets.token_hex(64),  # HS512 asks for 64 bytes
        "AIRFLOW_API_SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW_ADMIN_PASSWORD": secrets.token_hex(12),
        "SERVICE_TOKENS": secrets.token_hex(24),
    }
    return HEAD + "".join(f"{name}={value}\n" for name, value in values.items())


if __name__ == "__main__":
    print(make_env(), end="")  # noqa: T201
