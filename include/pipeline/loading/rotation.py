"""Change the key that examples are encrypted with, while others read and load."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.environment import EXAMPLES_KEYS
from pipeline.errors import KeyRingError
from pipeline.examples.keyring import FORMAT, Key
from pipeline.stores.examples.store import ExamplesStore


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did: whether it finished an interrupted one, and which keys it took out of the file."""

    key_id: str
    resumed: bool
    reencrypted: int
    dropped: list[str]
    unused: list[str]


def rotate_key(store: ExamplesStore, on_progress: Callable[[int], None] | None = None) -> Rotation:
    """Put every row under a new key, or finish what an interrupted rotation left.

    With a key file, the new key is made and put in front of it, and keys that no row uses any more leave it.
    Keys in an environment variable are the operator's: rows go under the key that is first there.

    Raises:
        KeyRingError: the keys are in the environment, and all rows are under the first already.
        ExamplesError: another rotation runs.
    """
    keyring = store.keyring
    with store.only_rotation():
        keyring.reload()
        resumed = store.count_stale() > 0
        if not resumed:
            if keyring.path is None:
                raise KeyRingError(
                    EXAMPLES_KEYS,
                    f"its first key {keyring.current.id!r} is the one every row is under already",
                    FORMAT,
                    "add a new `id:$(openssl rand -base64 32)` behind it for every process, then move it in front "
                    "everywhere, and run this again",
                )
            keyring.add(Key.generate())
            keyring.save(keyring.path)
        reencrypted = store.reencrypt(on_progress)
        with store.no_loads():  # one that began under a former key has ended now; its rows are caught here
            reencrypted += store.reencrypt()
            used = store.key_ids()
            unused = [key_id for key_id in keyring.ids[1:] if key_id not in used]
            if keyring.path is not None and unused:
                with store.no_snapshots():
                    keyring.without(unused).save(keyring.path)
    dropped = unused if keyring.path else []
    return Rotation(keyring.current.id, resumed, reencrypted, dropped, [] if dropped else unused)
