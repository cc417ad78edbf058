"""oneDAL, the library behind scikit-learn-intelex, which fits some estimators faster than scikit-learn.

It is installed on x86-64 only, and `PIPELINE_ONEDAL=off` switches it off. scikit-learn is not patched: a model that
uses oneDAL imports its classes.
"""

import platform
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec

from pipeline.environment import Compute
from pipeline.log import get_logger
from pipeline.threads import SharedSetting, count_threads

DISTRIBUTION = "scikit-learn-intelex"

logger = get_logger(__name__)


def is_accelerated() -> bool:
    """Return whether oneDAL is installed, can be loaded, and is not switched off.

    Raises:
        PipelineError: `PIPELINE_ONEDAL` is neither `on` nor `off`.
    """
    return Compute.read().onedal == "on" and _can_load()


@cache
def _can_load() -> bool:
    if find_spec("sklearnex") is None:
        return False
    try:
        import sklearnex.svm  # noqa: F401
    except (ImportError, OSError) as error:
        # for example a C library for which its wheels were not built; training works without it, only slower
        logger.warning("oneDAL cannot be loaded", reason=type(error).__name__, machine=platform.machine())
        return False
    return True


@contextmanager
def limit_onedal() -> Iterator[None]:
    """Limit oneDAL to as many threads as a training has; threadpoolctl does not know oneDAL."""
    with _find_pool().set(count_threads()), warnings.catch_warnings():
        # outside the main thread it warns that it does not change the number of threads, which is what we want
        warnings.filterwarnings("ignore", message=".Threading. parallel backend is not supported")
        yield


@cache
def _find_pool() -> SharedSetting[int]:
    import daal4py

    return SharedSetting(daal4py.num_threads, daal4py.daalinit)
