"""Every query of the locks under which workers prepare what they share."""

from typing import Final

TRY_TURN: Final = "SELECT pg_try_advisory_lock(%(key)s)"
AWAIT_TURN: Final = "SELECT pg_advisory_lock(%(key)s)"
END_TURN: Final = "SELECT pg_advisory_unlock(%(key)s)"
