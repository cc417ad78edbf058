"""The services of docker-compose.yaml as processes of this machine, started, watched and restarted as Docker does."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from pipeline.airflow_client.api import AirflowApi
from pipeline.deployment.ports import free_port
from scaled.compose import ROOT, Service, read_compose
from scaled.containers import Container
from scaled.proxy import Proxy
from scaled.servers import Postgres, RabbitMQ

SERVERS = ("postgres", "rabbitmq")
PORTS = ("api-server:8080", "execution-api:8081", "service:8090", "localhost:8974")
_HEALTHY_SECONDS = 600


class Cluster:
    """All services, with servers of their own; the broker is reached through a proxy that can be cut."""

    def __init__(
        self, folder: Path, variables: Mapping[str, str], workers: int = 2, *, own_notifications_path: bool = False
    ) -> None:
        self.folder = folder
        self.variables = dict(variables)
        for name in ("postgres", "rabbitmq", "logs", "volumes", "airflow"):
            (folder / name).mkdir()
        self.postgres = Postgres(folder / "postgres", variables["POSTGRES_PASSWORD"])
        self.rabbitmq = RabbitMQ(folder / "rabbitmq", variables["RABBITMQ_PASSWORD"])
        self.proxy = Proxy(self.rabbitmq.port)
        self.notifications_proxy = Proxy(self.rabbitmq.port) if own_notifications_path else self.proxy
        self._ports = {name: free_port() for name in PORTS}
        self.services = {
            name: self._here(service) for name, service in read_compose(variables).items() if name not in SERVERS
        }
        self.containers: dict[str, Container] = {}
        for name, service in self.services.items():
            if not service.profiles:
                for number in range(1, workers + 1) if name == "worker" else (0,):
                    shown = f"{name}-{number}" if number else name
                    self.containers[shown] = Container(shown, service, folder / "logs", self.environ_of(name))
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    @property
    def broker_ports(self) -> set[int]:
        """The ports that services reach the broker by."""
        return {self.proxy.port, self.notifications_proxy.port}

    @property
    def url(self) -> str:
        """The address of Airflow's pages and REST API."""
        return f"http://127.0.0.1:{self._ports['api-server:8080']}"

    @property
    def execution_url(self) -> str:
        """The address at which tasks reach Airflow."""
        return f"http://127.0.0.1:{self._ports['execution-api:8081']}"

    @property
    def service_url(self) -> str:
        """The address of the classification service."""
        return f"http://127.0.0.1:{self._ports['service:8090']}"

    @cached_property
    def airflow(self) -> AirflowApi:
        """Airflow's REST API, as the administrator."""
        return AirflowApi(self.url, "admin", self.variables["AIRFLOW_ADMIN_PASSWORD"])

    def environ_of(self, service: str) -> dict[str, str]:
        """The environment of a service's processes: its own, and what the image would have."""
        bin_folder = str(Path(sys.executable).parent)
        return {
            "PATH": os.pathsep.join((bin_folder, os.environ.get("PATH", os.defpath))),
            "HOME": str(self.folder / "airflow"),
            "AIRFLOW_HOME": str(self.folder / "airflow"),
            "LANG": "C.UTF-8",
            "no_proxy": "127.0.0.1,localhost",
            **self.services[service].environment,
        }

    def run(self, *args: str, timeout_seconds: float = 300) -> subprocess.CompletedProcess[str]:
        """Run `pipeline …` as `docker compose run --rm pipeline …` does."""
        entry = self.services["pipeline"].command[0]
        return subprocess.run(
            [entry, *args],
            env=self.environ_of("pipeline"),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )

    def start(self) -> None:
        """Start the containers in the order of their conditions, as `docker compose up --wait`."""
        self._watcher.start()
        waiting = dict(self.containers)
        deadline = time.monotonic() + _HEALTHY_SECONDS
        while waiting:
            for name, container in list(waiting.items()):
                if all(self._holds(other, rule) for other, rule in container.service.depends_on.items()):
                    container.start()
                    del waiting[name]
            self._check(deadline, waiting)
        while not all(self._is_up(container) for container in self.containers.values()):
            self._check(deadline, self.containers)

    def stop(self) -> None:
        """Stop the containers, those that others depend on last."""
        self._ended.set()
        if self._watcher.is_alive():
            self._watcher.join(30)
        for container in reversed(self.containers.values()):
            container.stop()

    def containers_of(self, service: str) -> list[Container]:
        """The containers of a service."""
        return [each for each in self.containers.values() if each.service.name == service]

    def _check(self, deadline: float, waiting: Mapping[str, Container]) -> None:
        if time.monotonic() > deadline:
            raise AssertionError("not up: " + "\n".join(container.tail() for container in waiting.values()))
        time.sleep(0.5)

    def _holds(self, other: str, condition: str) -> bool:
        if other in SERVERS:
            return True
        if condition == "service_completed_successfully":
            return all(container.exit_code == 0 for container in self.containers_of(other))
        return all(container.is_healthy() for container in self.containers_of(other))

    @staticmethod
    def _is_up(container: Container) -> bool:
        return container.exit_code == 0 if container.service.health is None else container.is_healthy()

    def _watch(self) -> None:
        while not self._ended.wait(1):
            for container in self.containers.values():
                container.watch()

    def _here(self, service: Service) -> Service:
        """Return a service with the addresses and folders of its containers replaced by this machine's."""
        places = {
            "@postgres:5432": f"@127.0.0.1:{self.postgres.port}",
            "@rabbitmq:5672": f"@127.0.0.1:{self.proxy.port}",
            "http://api-server:8080": self.url,
            "http://localhost:8080": self.url,
            "http://execution-api:8081": self.execution_url,
            "http://localhost:8081": self.execution_url,
            "localhost:8974": f"localhost:{self._ports['localhost:8974']}",
            **{inside: self._volume(outside) for inside, outside in service.volumes.items()},
            "/opt/airflow/logs": self._volume("logs"),
            "/opt/airflow/keys": self._volume("keys"),
            "/opt/pipeline": str(ROOT),
        }
        ports = {
            "AIRFLOW__API__PORT": str(
                self._ports.get(f"{service.name}:{service.environment.get('AIRFLOW__API__PORT')}")
            ),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(self._ports["localhost:8974"]),
            "PIPELINE_SERVICE_HOST": "127.0.0.1",  # the container's network has no other way in
            "PIPELINE_SERVICE_PORT": str(self._ports["service:8090"]),
        }

        def here(text: str) -> str:
            for there, place in places.items():
                text = text.replace(there, place)
            return text

        environment = {name: ports.get(name, here(value)) for name, value in service.environment.items()}
        if url := environment.get("AIRFLOW_CONN_NOTIFICATIONS"):
            paths = (f":{self.proxy.port}/", f":{self.notifications_proxy.port}/")
            environment["AIRFLOW_CONN_NOTIFICATIONS"] = url.replace(*paths)
        return Service(
            **{
                **vars(service),
                "command": [here(word) for word in service.command],
                "environment": environment,
                "health": service.health and [here(word) for word in service.health],
            }
        )

    def _volume(self, name: str) -> str:
        folder = self.folder / "volumes" / name
        folder.mkdir(mode=0o700, exist_ok=True)
        return str(folder)


@contextmanager
def running_cluster(
    folder: Path, variables: Mapping[str, str], workers: int = 2, *, own_notifications_path: bool = False
) -> Iterator[Cluster]:
    """Start servers and services; stop all of them at the end, however that comes, and leave only the logs.

    Args:
        folder: an empty one of the test's own.
        variables: what `.env` would hold.
        workers: how many training workers.
        own_notifications_path: notifications reach the broker by a proxy of their own, which can be cut by itself.
    """
    cluster = Cluster(folder, variables, workers, own_notifications_path=own_notifications_path)
    with ExitStack() as stack:
        for name in ("postgres/data", "rabbitmq/data", "volumes", "airflow"):
            stack.callback(shutil.rmtree, folder / name, ignore_errors=True)
        for proxy in {cluster.proxy, cluster.notifications_proxy}:
            stack.callback(proxy.close)
        stack.enter_context(cluster.postgres)
        stack.enter_context(cluster.rabbitmq)
        stack.callback(cluster.stop)
        cluster.start()
        yield cluster
