"""Entries of the store on disk: sealed, whole, and of their own name only."""

import io

import pytest

from pipeline.cache.sealing import PIECE_BYTES, Opener, Sealer, Unreadable
from pipeline.examples.keyring import Key, KeyRing

KEYRING = KeyRing.generate()
PLAIN = bytes(range(256)) * 5_000  # more than one piece


def seal(*parts: bytes, keyring: KeyRing = KEYRING, name: str = "name") -> bytes:
    file = io.BytesIO()
    sealer = Sealer(file, keyring, name)
    for part in parts:
        sealer.seal(part)
    return file.getvalue()


def unseal(sealed: bytes, *sizes: int, keyring: KeyRing = KEYRING, name: str = "name") -> list[bytes]:
    opener = Opener(io.BytesIO(sealed), keyring, name)
    parts = [bytearray(size) for size in sizes]
    for part in parts:
        opener.open_into(memoryview(part))
    return [bytes(part) for part in parts]


def test_parts_come_back_in_order() -> None:
    assert len(PLAIN) > PIECE_BYTES

    assert unseal(seal(b"head", PLAIN, b""), 4, len(PLAIN), 0) == [b"head", PLAIN, b""]


def test_nothing_of_a_text_stands_in_the_file_and_no_two_files_are_alike() -> None:
    first, second = seal(b"a secret text"), seal(b"a secret text")

    assert b"secret" not in first
    assert first[-29:] != second[-29:]


@pytest.mark.parametrize("place", [0, 20, 90, 120, -1])
def test_a_changed_byte_is_refused(place: int) -> None:
    damaged = bytearray(seal(b"head", b"tail" * 20))
    damaged[place] ^= 1

    with pytest.raises(Unreadable):
        unseal(bytes(damaged), 4, 80)


@pytest.mark.parametrize("kept", [0, 50, 110, -1])
def test_a_file_that_was_cut_off_is_refused(kept: int) -> None:
    with pytest.raises(Unreadable):
        unseal(seal(b"head", b"tail" * 20)[:kept], 4, 80)


def test_parts_that_changed_places_are_refused() -> None:
    sealed = seal(b"1111", b"2222")

    with pytest.raises(Unreadable):
        unseal(sealed[:-40] + sealed[-20:] + sealed[-40:-20], 4, 4)


def test_an_entry_under_another_name_is_refused() -> None:
    with pytest.raises(Unreadable):
        unseal(seal(b"head"), 4, name="other")


def test_an_entry_under_a_former_key_is_refused_although_the_key_is_known() -> None:
    former = Key.generate()
    keyring = KeyRing([Key.generate(), former], bytes(32))

    with pytest.raises(Unreadable):
        unseal(seal(b"head", keyring=KeyRing([former], bytes(32))), 4, keyring=keyring)
