"""Import heavy modules once, before the executor forks, so that tasks do not have to.

The product's own modules are among them: changed code is used only after the deployment is restarted.
"""

import importlib
import sys
from contextlib import suppress

from airflow.sdk.configuration import conf

MODULES = (
    "numpy",
    "gensim.models.doc2vec",
    "gensim.models.fasttext",
    "gensim.models.word2vec",
    "sklearn.calibration",
    "sklearn.ensemble",
    "sklearn.feature_extraction.text",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.naive_bayes",
    "sklearn.neural_network",
    "sklearn.svm",
    "psycopg",
    "backports.zstd",
    "json_tricks",
    "safetensors.numpy",
    "cryptography.hazmat.primitives.ciphers.aead",
    "airflow.providers.postgres.hooks.postgres",
    "airflow.sdk.execution_time.task_runner",
    "airflow.sdk.execution_time.supervisor",
    # imported by reading the DAG file and rendering a task's label
    "airflow.dag_processing.bundles.local",
    "airflow.dag_processing.dagbag",
    "airflow.dag_processing.importers.python_importer",
    "airflow.providers.standard.decorators.python",
    "airflow.providers.standard.operators.empty",
    "airflow.sdk.definitions.decorators",
    "airflow.sdk.execution_time.cache",
    "airflow.sdk.listener",
    "jinja2.ext",
    "pipeline_airflow.evaluation_params",
    "pipeline_airflow.params",
    "pipeline_airflow.tasks",
)


def preload() -> None:
    """Import `MODULES`; called in the parent of every task: a Celery worker, or the scheduler if there are no workers.

    It also computes what a process computes only once: every class that a plan can name, versions, Airflow's plugins.
    """
    for module in MODULES:
        importlib.import_module(module)
    from airflow.sdk.listener import get_listener_manager
    from fsspec import get_filesystem_class
    from fsspec.utils import get_protocol
    from sklearn.utils import check_array

    from pipeline.environment import Prepared
    from pipeline.errors import PipelineError
    from pipeline.models.machinery.acceleration import is_accelerated
    from pipeline.plans.definition import SECTIONS
    from pipeline.serialisation.fitted import find_version
    from pipeline.threads import find_libraries
    from pipeline.training.lineage import LIBRARIES, read_code_version

    for family in SECTIONS.values():
        for component in family.classes.values():
            component.options_by_name()
            for library in getattr(component, "libraries", ()):  # a dataset has none
                find_version(library)
    for library in LIBRARIES:
        find_version(library)
    read_code_version()
    with suppress(PipelineError):  # a training reports what is wrong with a variable
        is_accelerated()  # loads oneDAL if it is installed; oneDAL starts no thread before it computes
    check_array([[0.0]])  # searches all installed packages for plugins of a library
    with suppress(ImportError, ValueError, PipelineError):  # a training reports what is wrong with the address
        get_filesystem_class(get_protocol(Prepared.read().store or ""))
    find_libraries()
    get_listener_manager()


if "worker" in sys.argv or ("scheduler" in sys.argv and conf.get("core", "executor") == "LocalExecutor"):
    preload()
