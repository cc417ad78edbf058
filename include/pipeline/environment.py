"""Every environment variable of the product: its name, its meaning, its allowed values, and what applies without it.

Variables that are used together are one class, which reads them from an environment and writes them into one: only the
code that needs a value reports a mistake in it. No other module reads a variable of this product.

>>> Compute.read({"PIPELINE_TRAINING_THREADS": "2"}).threads
2
"""

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator

from pipeline.variables import Number, Variables, Word, read_word, variable

OFF = "off"
STORE_ALLOWED = f"a folder as file:///path, a bucket such as s3://bucket/path, or {OFF}"


def _read_store(given: Any) -> Any:
    return None if read_word(given) == OFF else given


class Deployment(Variables):
    """The deployment that is meant, on this machine."""

    home: str | None = variable(
        "PIPELINE_HOME",
        "The state folder of the deployment on this machine.",
        allowed="a folder; ~ is your home folder",
        otherwise="`.pipeline` in the checkout; without a checkout, in the current folder",
    )
    id: str | None = variable(
        "PIPELINE_DEPLOYMENT_ID",
        "Marks every process of a deployment on one machine, so that `pipeline down` finds it. `pipeline up` sets it.",
        allowed="a UUID",
    )
    program: str | None = variable(
        "PIPELINE_PROGRAM",
        "Which program of the deployment a process is. `pipeline up` sets it.",
        allowed="postgres, execution-api, api-server, scheduler, dag-processor or service",
    )


class Up(Variables):
    """Settings of `pipeline up` and `pipeline settings apply`."""

    ui_port: Number = variable(
        "PIPELINE_UI_PORT",
        "Airflow's port on one machine when its deployment is made; if it is taken, the next free one.",
        8080,
        ge=1,
        le=65535,
    )
    training_slots: Number | None = variable(
        "PIPELINE_TRAINING_SLOTS",
        "The size of the pool `training`: how many definitions train at once.",
        ge=1,
        le=65535,
        otherwise="on one machine the number of cores plus four, elsewhere the settings file's",
    )


class AirflowLogin(Variables):
    """Airflow's REST API for `pipeline train`, `runs` and `settings apply`."""

    url: str | None = variable(
        "PIPELINE_AIRFLOW_URL",
        "Airflow's address.",
        allowed="such as https://airflow.example",
        otherwise="the deployment on this machine",
    )
    username: str | None = variable("PIPELINE_AIRFLOW_USERNAME", "A user who may trigger DAGs.")
    password: str | None = variable("PIPELINE_AIRFLOW_PASSWORD", "Their password.", repr=False)


class ConnectionUrls(Variables):
    """Airflow's own variables for the three connections of tasks and commands."""

    examples_db: str | None = variable(
        "AIRFLOW_CONN_EXAMPLES_DB",
        "The examples database.",
        allowed="postgresql://user:password@host:port/database",
        otherwise="tasks: Airflow's connection; commands: the deployment on this machine",
        repr=False,
    )
    models_db: str | None = variable(
        "AIRFLOW_CONN_MODELS_DB",
        "The models database.",
        allowed="postgresql://user:password@host:port/database",
        otherwise="as above",
        repr=False,
    )
    notifications: str | None = variable(
        "AIRFLOW_CONN_NOTIFICATIONS",
        "The notification queue's broker.",
        allowed="amqp://user:password@host:port/vhost, or postgresql://… as above",
        otherwise="as above",
        repr=False,
    )


class RegistryConnection(Variables):
    """Airflow's own variables for the connections of the registry."""

    registry_db: str | None = variable(
        "AIRFLOW_CONN_REGISTRY_DB",
        "The models database, for the registry in Airflow's API server.",
        allowed="postgresql://user:password@host:port/database, with a role that may do only what the registry does",
        otherwise="`models_db`",
        repr=False,
    )
    registry_examples_db: str | None = variable(
        "AIRFLOW_CONN_REGISTRY_EXAMPLES_DB",
        "The examples database, for the registry in Airflow's API server, which counts examples and opens none.",
        allowed="as above",
        otherwise="previews of plans count no examples",
        repr=False,
    )


class PostgresRoles(Variables):
    """What `pipeline migrate` needs to make databases and the roles that connect to them; see docs/deployment.md."""

    superuser: str | None = variable(
        "PIPELINE_POSTGRES_SUPERUSER",
        "The server, for `pipeline migrate`, with a role that may create roles and databases.",
        allowed="postgresql://user:password@host:port/postgres",
        otherwise="no role is made",
        repr=False,
    )
    tasks_password: str | None = variable(
        "PIPELINE_TASKS_PASSWORD", "The password of the role `tasks`.", otherwise="the role is not made", repr=False
    )
    registry_password: str | None = variable(
        "PIPELINE_REGISTRY_PASSWORD", "The password of the role `registry`.", otherwise="as above", repr=False
    )
    service_password: str | None = variable(
        "PIPELINE_SERVICE_PASSWORD", "The password of the role `service`.", otherwise="as above", repr=False
    )


class ExamplesKeys(Variables):
    """Where the keys come from with which examples are encrypted: one of the two variables."""

    inline: str | None = variable(
        "PIPELINE_EXAMPLES_KEYS",
        "The keys with which examples are encrypted.",
        allowed="`id:base64 of 32 bytes`, the current key first, and `digest:base64 of 32 bytes`, separated by commas",
        repr=False,
    )
    file: Path | None = variable(
        "PIPELINE_EXAMPLES_KEYS_FILE",
        "The file that contains them.",
        allowed="a file of mode 0600",
        otherwise="`examples.keys` in the state folder, if neither is set",
    )


class Prepared(Variables):
    """Where trainings keep what they share."""

    store: Annotated[str | None, BeforeValidator(_read_store)] = variable(
        "PIPELINE_PREPARED_STORE",
        "Where trainings keep what they share.",
        allowed=STORE_ALLOWED,
        otherwise="on one machine `prepared` in the state folder, elsewhere off",
    )
    limit_mb: Number = variable(
        "PIPELINE_PREPARED_LIMIT_MB", "The largest size of all of it; the least recently used goes first.", 8_192, ge=1
    )


MOST_KEPT: Final = 36_500
"""Days, and models of a testing set or a recipe."""


class Keep(Variables):
    """What `pipeline prune` and the DAG `prune` keep."""

    days: Number | None = variable(
        "PIPELINE_KEEP_DAYS",
        "Models, runs, messages and logs that are older are pruned every night, except what other settings keep.",
        ge=1,
        le=MOST_KEPT,
        otherwise="nothing is pruned by itself",
    )
    best: Number = variable(
        "PIPELINE_KEEP_BEST",
        "How many of the best models of each testing set are kept, however old.",
        3,
        ge=0,
        le=MOST_KEPT,
    )
    of_recipe: Number = variable(
        "PIPELINE_KEEP_OF_RECIPE",
        "How many models of each recipe are kept, however old: those that were tested on the latest examples.",
        0,
        ge=0,
        le=MOST_KEPT,
    )


class Compute(Variables):
    """How a training computes."""

    threads: Number | None = variable(
        "PIPELINE_TRAINING_THREADS",
        "How many threads one training computes on.",
        ge=1,
        le=1_024,
        otherwise="1; the trees of a forest grow on up to 4",
    )
    onedal: Annotated[Literal["on", "off"], Word] = variable(
        "PIPELINE_ONEDAL", "Whether oneDAL trains support vector machines if it is installed.", "on"
    )


class Service(Variables):
    """The classification service, `pipeline serve`."""

    models: str = variable(
        "PIPELINE_SERVICE_MODELS",
        "What is served; requests that name no model get the first.",
        "@champion",
        allowed="aliases (@champion), labels and versions (label@3), separated by commas",
    )
    host: str = variable(
        "PIPELINE_SERVICE_HOST", "The address to listen on.", "127.0.0.1", allowed="an IP address or a host name"
    )
    port: Number = variable("PIPELINE_SERVICE_PORT", "The port to listen on.", 8090, ge=1, le=65535)
    workers: Number = variable("PIPELINE_SERVICE_WORKERS", "How many processes answer.", 1, ge=1, le=256)
    most_at_once: Number = variable(
        "PIPELINE_SERVICE_MOST_AT_ONCE", "How many requests one process works on; further ones get 503.", 256, ge=1
    )
    tokens: str | None = variable(
        "PIPELINE_SERVICE_TOKENS",
        "The tokens with which clients may ask.",
        allowed="texts of 20 or more letters, digits and signs of - . _ ~ + /, separated by commas",
        otherwise="the file's",
        repr=False,
    )
    tokens_file: Path | None = variable(
        "PIPELINE_SERVICE_TOKENS_FILE",
        "A file that contains them, one a line; it is read again when it changes.",
        allowed="a file of mode 0600",
        otherwise="without any token, the service does not start",
    )
    folder: Path | None = variable(
        "PIPELINE_SERVICE_FOLDER",
        "Where it keeps the documents that it serves, encrypted, to start from when nothing else can be reached.",
        allowed="a folder",
        otherwise="nowhere",
    )
    keys_file: Path | None = variable(
        "PIPELINE_SERVICE_KEYS_FILE",
        "The keys with which it encrypts them; the file is made if it is missing.",
        allowed="a file of mode 0600, in the format of PIPELINE_EXAMPLES_KEYS_FILE",
        otherwise="nothing is kept",
    )
    queue: str = variable(
        "PIPELINE_SERVICE_QUEUE",
        "The name of its queue, on which it hears of moved aliases at once. Services may share one.",
        "service",
        allowed="a consumer's name",
    )


GROUPS: tuple[type[Variables], ...] = (
    Deployment,
    Up,
    AirflowLogin,
    ConnectionUrls,
    RegistryConnection,
    PostgresRoles,
    ExamplesKeys,
    Prepared,
    Keep,
    Compute,
    Service,
)
EXAMPLES_KEYS, EXAMPLES_KEYS_FILE = ExamplesKeys.names()
PREPARED_STORE, PREPARED_LIMIT_MB = Prepared.names()
