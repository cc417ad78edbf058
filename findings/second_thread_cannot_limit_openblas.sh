#!/usr/bin/env bash
# Most people would guess: in two threads that each enter `threadpool_limits(1)`, and leave one after the other, BLAS is
# limited until the second has left.
#
# With threadpoolctl 3.8.0 and the OpenBLAS of numpy 2.4.6, the number of threads belongs to the thread that set it first.
# What the second one asks for is passed over without a word, and when the first leaves, the limit is lifted inside of
# the second one's block. With a single limit after the other all is as expected.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check threadpoolctl==3.8.0 numpy==2.4.6
OPENBLAS_NUM_THREADS=2 "$folder/venv/bin/python" - <<'PYTHON'
import threading

import numpy  # brings OpenBLAS along
from threadpoolctl import ThreadpoolController


def count():
    (blas,) = ThreadpoolController().select(user_api="blas").lib_controllers
    return blas.get_num_threads()


def hold(entered, leave):
    with ThreadpoolController().limit(limits=1, user_api="blas"):
        entered.set()
        leave.wait(30)


before = count()
first_in, first_out, second_in, second_out = (threading.Event() for _ in range(4))
first = threading.Thread(target=hold, args=(first_in, first_out))
first.start()
first_in.wait(30)
second = threading.Thread(target=hold, args=(second_in, second_out))
second.start()
second_in.wait(30)
both = count()
first_out.set()
first.join()
second_alone = count()
second_out.set()
second.join()
print("numpy", numpy.__version__, "threads before:", before, "in both blocks:", both, "in the second alone:", second_alone)
assert (before, both, second_alone) == (2, 1, 2), "this has changed"
PYTHON
