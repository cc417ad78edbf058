#!/usr/bin/env bash
# Most people would guess: gensim's inner product of two float32 vectors is what scipy's BLAS returns.
#
# gensim 4.4.0 calls the function behind `scipy.linalg.blas.sdot` as one that returns a double if the result for one pair of
# numbers is right to four digits (`FAST_VERSION` 0). With scipy 1.17.1 on x86-64 it is, by chance: the function converts
# its double to a float in the lower half of the register and leaves the upper half. So gensim reads a number whose lower
# half is arbitrary, and seven of eight products differ from scipy's by up to a millionth. Training is not harmed, but
# whoever wants gensim's numbers to the last bit has to call the function in the same way.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check gensim==4.4.0 scipy==1.17.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import ctypes

import numpy as np
from gensim.models.word2vec_inner import FAST_VERSION
from scipy.linalg.blas import sdot

read_pointer = ctypes.pythonapi.PyCapsule_GetPointer
read_pointer.restype, read_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
as_double = ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_void_p] * 5)(read_pointer(sdot._cpointer, None))
one = ctypes.byref(ctypes.c_int(1))
draw = np.random.default_rng(0)
vectors = draw.normal(size=(1000, 2, 33)).astype(np.float32)
there = [np.float32(as_double(ctypes.byref(ctypes.c_int(33)), x.ctypes.data, one, y.ctypes.data, one)) for x, y in vectors]
here = [np.float32(sdot(x, y)) for x, y in vectors]
differing = sum(a != b for a, b in zip(there, here))
worst = max(abs(a - b) / abs(b) for a, b in zip(there, here))
print(f"FAST_VERSION {FAST_VERSION}; {differing} of 1,000 products differ, by at most {worst:.1e} of their size")

assert FAST_VERSION == 0, "this has changed"
assert differing > 500 and worst < 2e-6, "this has changed"
PYTHON
