"""numpy, imported when it is first used, so that code that only checks a plan does not wait for it.

A module that takes `np` from here needs `from __future__ import annotations`: an annotation would be the first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    NDArray = list  # used in annotations only

    class _Numpy:
        def __getattr__(self, name: str) -> Any:
            found = getattr(import_module("numpy"), name)
            setattr(self, name, found)  # from now on as fast as numpy itself
            return found

    np = _Numpy()

__all__ = ["NDArray", "np"]
