"""The files that a deployment needs before anything starts: made once, kept ever after."""

import json

from pipeline.deployment.airflow_settings import ADMIN
from pipeline.deployment.files import write_private
from pipeline.deployment.home import Home
from pipeline.deployment.record import UI_PORT, Record, Secrets
from pipeline.examples.keyring import KeyRing


def provision(home: Home, ui_port: int = UI_PORT) -> tuple[Record, Secrets]:
    """Return the deployment's record and secrets, making what is missing of them and of Airflow's files.

    Raises:
        DeploymentError: what is there is not readable, or of another format.
    """
    if not home.record.exists():
        # The record comes last: a start that was cut short begins again, and keeps the secrets it made.
        if not home.secrets.exists():
            Secrets.new().write(home)
        if not home.examples_keys.exists():
            KeyRing.generate().save(home.examples_keys)
        Record.new(ui_port).write(home)
    record, secrets = Record.read(home), Secrets.read(home)
    write_private(home.airflow_passwords, json.dumps({ADMIN: secrets.admin_password}) + "\n")
    return record, secrets
