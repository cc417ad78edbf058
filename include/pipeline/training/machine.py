"""The machine that trains, as far as it can decide a model's last digits: processor and linear algebra."""

import platform
from functools import cache
from typing import Any


@cache
def describe_machine() -> dict[str, Any]:
    """Return the processor, its instruction sets that numpy uses, and the kernels of BLAS, as JSON values.

    The order in which numbers are added, and that of equal numbers after sorting, depends on them.
    """
    import numpy as np
    import scipy.linalg  # noqa: F401 - which loads its BLAS

    from pipeline.threads import find_libraries

    config: Any = np.show_config(mode="dicts")
    blas = find_libraries().select(user_api="blas").info()
    return {
        "cpu": platform.machine(),
        "instructions": [*config.get("SIMD Extensions", {}).get("found", [])],
        "blas": sorted({f"{each['internal_api']} {each.get('architecture') or ''}".strip() for each in blas}),
    }
