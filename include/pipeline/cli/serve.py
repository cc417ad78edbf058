"""`pipeline serve`"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.connect import service_environment
from pipeline.cli.output import print_line
from pipeline.environment import ConnectionUrls, Deployment, Service
from pipeline.service.check import Question, check

if TYPE_CHECKING:
    from pipeline.service.source import Source


def serve(
    models: Annotated[
        str | None, typer.Option(help="Aliases (@champion), labels and label@3, separated by commas.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="How many processes answer.")] = None,
    ask: Annotated[
        Question | None,
        typer.Option(
            "--check", help="Start nothing: exit code 0 if the service is alive, or ready with every model; else 1."
        ),
    ] = None,
) -> None:
    """Answer over HTTP with the models that aliases point at."""
    environ = service_environment()
    given = {"models": models, "host": host, "port": port, "workers": workers}
    chosen = Service(**{name: value for name, value in given.items() if value is not None}).to_environ()
    environ = {**environ, **chosen}
    settings = Service.read(environ)
    if ask is not None:
        check(settings, ask)
        print_line(ask)
        return
    from pipeline.service.serve import serve as run

    run(settings, _open_source(environ), ConnectionUrls.read(environ).notifications, environ, print_line)


def _open_source(environ: Mapping[str, str]) -> "Source":
    """Return the models database if the environment names it, else the registry.

    Raises:
        PipelineError: its address is malformed, or a part of the login is missing.
    """
    if (url := ConnectionUrls.read(environ).models_db) is None:
        from pipeline.airflow_client.api import AirflowApi
        from pipeline.service.registry_source import RegistrySource

        return RegistrySource(AirflowApi.from_environment(environ))
    from pipeline.service.database_source import DatabaseSource
    from pipeline.stores.database import Database, check_address

    check_address("AIRFLOW_CONN_MODELS_DB", url)
    return DatabaseSource(Database.from_url("models_db", url, Deployment.read(environ).home))
