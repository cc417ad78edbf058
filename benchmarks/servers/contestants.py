"""The servers that take part: how each is installed, started and asked, and what it answers."""

import json
import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from pipeline.deployment.ports import free_port
from servers.answers import HOST, write_request
from servers.recipes import PIPELINE

_BENCHMARKS = Path(__file__).parents[1]
_INSTALLED = "installed.txt"
# of 1 and 5 ms, and no batches: the shortest wait that puts most texts of 16 clients together
_BATCHING = {"max_batch_size": 64, "max_batch_time": 0.001}


@dataclass(frozen=True, slots=True)
class Start:
    """A command that starts a server, and what it needs in its environment besides."""

    command: Sequence[str]
    environ: dict[str, str] = field(default_factory=dict)


class Contestant(ABC):
    """A server that is measured."""

    name: ClassVar[str]
    path: ClassVar[str]
    headers: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def prepare(self, models: Path, folder: Path, workers: int, port: int) -> Start:
        """Write what the server reads, and return how to start it.

        Args:
            models: the folder of a recipe, see `recipes.write_models`.
            folder: an empty folder of its own.
            workers: the number of processes that classify.
            port: where it is to listen.
        """

    @abstractmethod
    def write_body(self, texts: list[str]) -> Any:
        """Return what is sent to have texts classified, ready for JSON."""

    @abstractmethod
    def read_classes(self, answer: Any) -> list[str]:
        """Return the classes in an answer."""

    def write_request(self, texts: list[str]) -> bytes:
        """Return the request that has texts classified."""
        return write_request(self.path, json.dumps(self.write_body(texts)).encode(), self.headers)


class Peer(Contestant):
    """A server in an environment of its own, made from the file of its requirements when it is first needed."""

    requirements: ClassVar[str]

    @property
    def programs(self) -> Path:
        """The folder of the environment's programs."""
        return _BENCHMARKS / ".servers" / self.requirements / "bin"

    def find(self, program: str) -> str:
        """Return the path of a program."""
        return str(self.programs / program)

    def install(self) -> None:
        """Install what the requirements name, unless that is there already."""
        wanted = _BENCHMARKS / f"requirements-{self.requirements}.txt"
        environment = self.programs.parent
        installed = environment / _INSTALLED
        if installed.exists() and installed.read_bytes() == wanted.read_bytes():
            return
        print(f"installing {self.name}", file=sys.stderr)
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(environment)], check=True)
        install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", self.find("python")]
        subprocess.run([*install, "-r", str(wanted)], check=True)
        shutil.copyfile(wanted, installed)


class FastApi(Peer):
    """A route in ten lines; see `fastapi_app.py`."""

    name = "FastAPI"
    path = "/classify"
    requirements = "fastapi"

    def prepare(self, models: Path, folder: Path, workers: int, port: int) -> Start:  # noqa: ARG002 - for subclasses
        program = [self.find("uvicorn"), "servers.fastapi_app:app", "--no-access-log"]
        options = ["--host", HOST, "--port", str(port), "--workers", str(workers)]
        return Start([*program, *options], {"MODEL": str(models / PIPELINE)})

    def write_body(self, texts: list[str]) -> Any:
        return {"texts": texts}

    def read_classes(self, answer: Any) -> list[str]:
        return [each["classification"] for each in answer]


class BentoMl(FastApi):
    """A batchable service; see `bentoml_service.py`."""

    name = "BentoML"
    requirements = "bentoml"

    def prepare(self, models: Path, folder: Path, workers: int, port: int) -> Start:
        program = [self.find("bentoml"), "serve", "servers.bentoml_service:Classifier"]
        environ = {
            "MODEL": str(models / PIPELINE),
            "WORKERS": str(workers),
            "BENTOML_HOME": str(folder),
            "BENTOML_DO_NOT_TRACK": "True",
        }
        return Start([*program, "--host", HOST, "--port", str(port)], environ)


class MlFlow(Peer):
    """`mlflow models serve`; see `mlflow_model.py`."""

    name = "MLflow"
    path = "/invocations"
    requirements = "mlflow"

    def prepare(self, models: Path, folder: Path, workers: int, port: int) -> Start:
        model = str(folder / "model")
        save = [self.find("python"), "-m", "servers.mlflow_model", str(models / PIPELINE), model]
        environ = {"MLFLOW_DISABLE_TELEMETRY": "true"}
        done = subprocess.run(save, env=make_environ(self, environ), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"MLflow does not save the model: {done.stderr[-2000:]}")
        program = [self.find("mlflow"), "models", "serve", "--model-uri", model, "--env-manager", "local"]
        return Start([*program, "--host", HOST, "--port", str(port), "--workers", str(workers)], environ)

    def write_body(self, texts: list[str]) -> Any:
        return {"inputs": texts}

    def read_classes(self, answer: Any) -> list[str]:
        return [each if isinstance(each, str) else each["classification"] for each in answer["predictions"]]


class MlServer(Peer):
    """MLServer with its runtime for scikit-learn, or one of ours where there are probabilities."""

    name = "MLServer"
    path = "/v2/models/classifier/infer"
    requirements = "mlserver"

    def prepare(self, models: Path, folder: Path, workers: int, port: int) -> Start:
        own = "word2vec" in models.name
        model = {
            "name": "classifier",
            "implementation": "servers.mlserver_runtime.Classifier" if own else "mlserver_sklearn.SKLearnModel",
            "parameters": {"uri": str(models / PIPELINE)},
            **_BATCHING,
        }
        settings = {
            "debug": False,
            "host": HOST,
            "http_port": port,
            "grpc_port": free_port(),
            "metrics_port": free_port(),
            "parallel_workers": workers,
        }
        for name, content in (("model-settings", model), ("settings", settings)):
            (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        return Start([self.find("mlserver"), "start", str(folder)])

    def write_body(self, texts: list[str]) -> Any:
        column = {"name": "text", "datatype": "BYTES", "shape": [len(texts)], "data": texts}
        return {"parameters": {"content_type": "str"}, "inputs": [column]}

    def read_classes(self, answer: Any) -> list[str]:
        return list(answer["outputs"][0]["data"])


PEERS: Final = (FastApi(), BentoMl(), MlFlow(), MlServer())


def make_environ(contestant: Contestant, more: dict[str, str]) -> dict[str, str]:
    """Return the environment of a server: this one's, without other settings, and one thread a computation.

    Several requests are computed at once; more threads for each of them would only disturb one another.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PIPELINE", "PYTHON"))}
    programs = contestant.programs if isinstance(contestant, Peer) else Path(sys.executable).parent
    path = os.pathsep.join((str(programs), os.environ.get("PATH", os.defpath)))
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {**kept, "PATH": path, "PYTHONPATH": str(_BENCHMARKS), "no_proxy": HOST, **threads, **more}
