"""The files that a deployment needs before anything starts: made once and kept."""

from pipeline.deployment.files import refuse_open, write_private
from pipeline.deployment.home import Home
from pipeline.deployment.record import UI_PORT, Record, Secrets
from pipeline.deployment.users import provide_users
from pipeline.examples.keyring import KeyRing


def provision(home: Home, ui_port: int = UI_PORT) -> tuple[Record, Secrets]:
    """Return the deployment's record and secrets; make the missing ones, and Airflow's missing files.

    Secrets are made before there is any data that needs them, and never again, except those that an earlier version did
    not have. For the keys, see `check_keys`.

    Raises:
        DeploymentError: a file is unreadable, of another format, or open to others; or it is missing, and there is data
            that needs it.
    """
    for path in home.secret_files:
        refuse_open(path)
    if not home.postgres.exists():
        # The record is written last: an interrupted start begins again, and keeps the secrets that it made.
        if not home.secrets.exists():
            Secrets.new().write(home)
        if not home.examples_keys.exists():
            KeyRing.generate().save(home.examples_keys)
    secrets = Secrets.read(home)
    if not secrets.complete:
        secrets = secrets.completed()
        secrets.write(home)
    if not home.record.exists():
        Record.new(ui_port).write(home)
    record = Record.read(home)
    provide_users(home, secrets.admin_password)
    write_private(home.service_tokens, f"{secrets.service_token}\n")
    return record, secrets
