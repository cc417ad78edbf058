"""The cipher: what is sealed opens, and opens nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import KeyRingError
from pipeline.examples.cipher import NONCE_BYTES, Cipher, pack_place, unpack_moments
from pipeline.examples.identity import digest_content, identify
from pipeline.examples.keyring import Key, KeyRing

KEYRING = KeyRing.generate()
ROW_ID = b"0123456789abcdef"
TIME = 1_451_606_400_000_000
SECRET_TEXT = "the marked sentence"

microseconds = st.integers(-(2**62), 2**62)
texts = st.text(min_size=1)
row_ids = st.binary(min_size=16, max_size=16)


def seal(cipher: Cipher) -> tuple[str, bytes]:
    return cipher.seal(ROW_ID, TIME, b"spam", SECRET_TEXT.encode())


@given(row_id=row_ids, time=microseconds, classification=texts, text=texts)
def test_what_is_sealed_opens(row_id: bytes, time: int, classification: str, text: str) -> None:
    key_id, payload = Cipher(KEYRING, "default").seal(row_id, time, classification.encode(), text.encode())

    assert Cipher(KEYRING, "default").open(key_id, row_id, time, payload) == (classification, text)


@given(position=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_payload_with_one_bit_turned_does_not_open(position: int, bit: int) -> None:
    cipher = Cipher(KEYRING, "default")
    key_id, payload = seal(cipher)
    altered = bytearray(payload)
    altered[position % len(altered)] ^= 1 << bit

    with pytest.raises(KeyRingError):
        cipher.open(key_id, ROW_ID, TIME, altered)


@given(length=st.integers(0, 60))
def test_payload_cut_short_does_not_open(length: int) -> None:
    cipher = Cipher(KEYRING, "default")
    key_id, payload = seal(cipher)

    with pytest.raises(KeyRingError):
        cipher.open(key_id, ROW_ID, TIME, payload[: min(length, len(payload) - 1)])


def test_payload_moved_to_another_row_time_or_collection_does_not_open() -> None:
    cipher = Cipher(KEYRING, "default")
    key_id, payload = seal(cipher)

    for moved, row_id, time in (
        (cipher, b"another row's id", TIME),
        (cipher, ROW_ID, TIME + 1),
        (Cipher(KEYRING, "other"), ROW_ID, TIME),
    ):
        with pytest.raises(KeyRingError, match="altered or moved"):
            moved.open(key_id, row_id, time, payload)


def test_row_under_another_key_s_id_does_not_open() -> None:
    key = Key("twin", KEYRING.current.secret)
    keyring = KeyRing([KEYRING.current, key], KEYRING.digest_key)
    _, payload = seal(Cipher(keyring, "default"))

    with pytest.raises(KeyRingError):
        Cipher(keyring, "default").open("twin", ROW_ID, TIME, payload)


def test_refusal_names_row_and_key_and_shows_neither_text_nor_key() -> None:
    key_id, payload = seal(Cipher(KEYRING, "default"))
    wrong = KeyRing([Key(key_id, b"w" * 32)], KEYRING.digest_key)

    with pytest.raises(KeyRingError) as refusal:
        Cipher(wrong, "default").open(key_id, ROW_ID, TIME, payload)

    assert ROW_ID.hex() in str(refusal.value)
    assert key_id in str(refusal.value)
    assert SECRET_TEXT not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_payload_shows_neither_text_nor_class_and_is_never_the_same_twice() -> None:
    cipher = Cipher(KEYRING, "default")
    first, second = seal(cipher)[1], seal(cipher)[1]

    assert first != second
    assert SECRET_TEXT.encode() not in first
    assert b"spam" not in first


def test_rows_of_several_keys_open_together_in_their_order() -> None:
    younger = KeyRing([Key.generate(), KEYRING.current], KEYRING.digest_key)
    rows = []
    for number in range(6):
        cipher = Cipher((KEYRING, younger)[number % 2], "default")
        row_id = bytes([number]) * 16
        key_id, payload = cipher.seal(row_id, TIME + number, f"class {number % 3}".encode(), f"text {number}".encode())
        rows.append((pack_place(row_id, TIME + number), key_id, payload))

    classifications, opened = Cipher(younger, "default").open_rows(rows)

    assert opened == [f"text {number}" for number in range(6)]
    assert classifications == ["class 0", "class 1", "class 2"] * 2
    assert classifications[0] is classifications[3]


def test_rows_sealed_together_open_one_by_one_and_share_no_nonce() -> None:
    contents = [(pack_place(ROW_ID, number), b"spam", b"the same text") for number in range(300)]

    key_id, payloads = Cipher(KEYRING, "default").seal_rows(contents)

    assert len({payload[:NONCE_BYTES] for payload in payloads}) == 300
    for number, payload in enumerate(payloads):
        assert Cipher(KEYRING, "default").open(key_id, ROW_ID, number, payload) == ("spam", "the same text")


def test_one_altered_row_among_many_is_refused_by_its_id() -> None:
    cipher = Cipher(KEYRING, "default")
    ids = [bytes([number]) * 16 for number in range(5)]
    key_id, payloads = cipher.seal_rows([(pack_place(row_id, TIME), b"spam", b"text") for row_id in ids])
    payloads[3] = payloads[3][:-1] + bytes([payloads[3][-1] ^ 1])

    with pytest.raises(KeyRingError, match=ids[3].hex()):
        cipher.open_rows((pack_place(row_id, TIME), key_id, each) for row_id, each in zip(ids, payloads, strict=True))


@given(times=st.lists(microseconds))
def test_places_tell_their_moments(times: list[int]) -> None:
    assert unpack_moments(pack_place(ROW_ID, time) for time in times).tolist() == times


@given(classification=texts, text=texts, other_classification=texts, other_text=texts)
def test_digests_differ_as_soon_as_contents_do(
    classification: str, text: str, other_classification: str, other_text: str
) -> None:
    one, other = (classification, text), (other_classification, other_text)
    digests = [digest_content(b"k" * 32, TIME, c.encode(), t.encode()) for c, t in (one, other)]

    assert (digests[0] == digests[1]) == (one == other)


def test_identity_depends_on_collection_key_and_given_id() -> None:
    digest = digest_content(b"k" * 32, TIME, b"spam", b"text")
    identities = {
        identify(b"k" * 32, "default", None, digest),
        identify(b"k" * 32, "other", None, digest),
        identify(b"l" * 32, "default", None, digest),
        identify(b"k" * 32, "default", "1", digest),
        identify(b"k" * 32, "default", "2", digest),
    }

    assert len(identities) == 5
    assert {len(identity) for identity in identities} == {16}
