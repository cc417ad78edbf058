"""Rotate the key that encrypts examples, while others read and load."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.environment import EXAMPLES_KEYS
from pipeline.errors import KeyRingError
from pipeline.examples.keyring import FORMAT, Key
from pipeline.stores.examples.store import ExamplesStore


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did.

    Attributes:
        key_id: the key that all rows now use.
        resumed: whether it finished an interrupted rotation.
        reencrypted: the number of rows re-encrypted.
        dropped: ids of the keys removed from the key file.
        unused: ids of keys in the environment variable that no row uses any more.
    """

    key_id: str
    resumed: bool
    reencrypted: int
    dropped: list[str]
    unused: list[str]


def rotate_key(store: ExamplesStore, on_progress: Callable[[int], None] | None = None) -> Rotation:
    """Re-encrypt every row with a new key, or finish an interrupted rotation.

    With a key file, a new key is generated and put first, and keys that no row uses any more are removed. Keys in an
    environment variable belong to the operator: rows are re-encrypted with the first one there.

    Raises:
        KeyRingError: the keys are in the environment, and all rows use the first one already.
        ExamplesError: another rotation is running.
    """
    keyring = store.keyring
    with store.only_rotation():
        keyring.reload()
        resumed = store.count_stale() > 0
        if not resumed:
            if keyring.path is None:
                raise KeyRingError(
                    EXAMPLES_KEYS,
                    f"every row already uses its first key {keyring.current.id!r}",
                    FORMAT,
                    "append a new `id:$(openssl rand -base64 32)` for every process, restart all, move it to the front "
                    "everywhere, and run this again",
                )
            keyring.add(Key.generate())
            keyring.save(keyring.path)
        reencrypted = store.reencrypt(on_progress)
        with store.no_loads():  # loads that began with an old key have ended now; this finds their rows
            reencrypted += store.reencrypt()
            used = store.key_ids()
            unused = [key_id for key_id in keyring.ids[1:] if key_id not in used]
            if keyring.path is not None and unused:
                with store.no_snapshots():
                    keyring.without(unused).save(keyring.path)
    dropped = unused if keyring.path else []
    return Rotation(keyring.current.id, resumed, reencrypted, dropped, [] if dropped else unused)
