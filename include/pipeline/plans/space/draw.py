"""Numbers drawn by a seed."""

import hashlib


def draw_indexes(count: int, size: int, seed: int) -> list[int]:
    """Return `size` different numbers below `count`, drawn by the first steps of a Fisher-Yates shuffle.

    The generator is SHA-256 over seed and step: the same numbers on every machine and version of Python. `count` has
    no limit but should stay below 2¹²⁸, beyond which some numbers are likelier than others.
    """
    moved: dict[int, int] = {}
    drawn = []
    for step in range(min(size, count)):
        noise = hashlib.sha256(f"{seed}:{step}".encode()).digest()
        other = step + int.from_bytes(noise) % (count - step)
        drawn.append(moved.get(other, other))
        moved[other] = moved.get(step, step)
    return drawn
