"""A temporary PostgreSQL server for one benchmark, with migrated databases and a key."""

import secrets
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pipeline.deployment.ports import free_port
from pipeline.deployment.postgres import create_data_folder, server_command, server_url, wait_until_ready
from pipeline.examples.keyring import KeyRing
from pipeline.runs.connections import Connections
from pipeline.stores.databases import create_missing_databases
from pipeline.stores.migrations.migrate import Schema, migrate

NOTHING_HAS_TO_LAST = {"fsync": "off"}


@contextmanager
def scratch_environment(settings: Mapping[str, str] = NOTHING_HAS_TO_LAST) -> Iterator[dict[str, str]]:
    """Yield the variables from which `Connections.from_environment` makes connections to a server of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        data, log, password = Path(folder, "data"), Path(folder, "log"), secrets.token_hex(16)
        create_data_folder(data, password)
        port = free_port()
        with log.open("wb") as output:
            server = subprocess.Popen(server_command(data, port, dict(settings)), stdout=output, stderr=output, cwd="/")
        try:
            wait_until_ready(server_url(port, password), lambda: server.poll() is None, log)
            names: tuple[Schema, Schema] = ("examples", "models")
            create_missing_databases(server_url(port, password), names)
            for name in names:
                migrate(server_url(port, password, name), name)
            yield {
                "AIRFLOW_CONN_EXAMPLES_DB": server_url(port, password, "examples"),
                "AIRFLOW_CONN_MODELS_DB": server_url(port, password, "models"),
                "AIRFLOW_CONN_NOTIFICATIONS": server_url(port, password, "models"),
                "PIPELINE_EXAMPLES_KEYS": KeyRing.generate().to_text(),
            }
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def connect(environment: dict[str, str]) -> Connections:
    """Return connections to the databases that an environment names."""
    return Connections.from_environment(environment)
