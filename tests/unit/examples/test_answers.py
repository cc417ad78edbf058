"""Sealed answers: that two are equal can be seen, and nothing else."""

from itertools import product

import pytest

from pipeline.examples.answers import CODE_BYTES, SealedAnswers, list_digests, name_answers, seal_answers
from pipeline.examples.identity import DIGEST_BYTES

KEY = bytes(range(32))


def make_digests(count: int, first: int = 0) -> list[bytes]:
    return [number.to_bytes(16, "big") for number in range(first, first + count)]


def seal(truths: str, answers: str, key: bytes = KEY, first: int = 0) -> SealedAnswers:
    """Return sealed answers to examples from a number on; a class is a letter."""
    return seal_answers(key, make_digests(len(truths), first), truths, answers)


def list_codes(codes: bytes) -> list[bytes]:
    return [codes[start : start + CODE_BYTES] for start in range(0, len(codes), CODE_BYTES)]


def list_ids(sealed: SealedAnswers) -> list[bytes]:
    return [sealed.examples[start : start + DIGEST_BYTES] for start in range(0, len(sealed.examples), DIGEST_BYTES)]


@pytest.mark.parametrize("answers", ["".join(each) for each in product("abc", repeat=3)])
def test_codes_of_one_example_are_equal_exactly_where_the_answers_are(answers: str) -> None:
    sealed, other = seal("abc", answers), seal("abc", "aab")

    places = [list_ids(sealed).index(seal("a", "a", first=number).examples) for number in range(3)]

    def find_equal(one: bytes, two: bytes) -> list[bool]:
        return [list_codes(one)[place] == list_codes(two)[place] for place in places]

    assert find_equal(sealed.answers, sealed.truths) == [
        answer == truth for answer, truth in zip(answers, "abc", strict=True)
    ]
    assert find_equal(sealed.answers, other.answers) == [
        answer == another for answer, another in zip(answers, "aab", strict=True)
    ]


def test_the_same_class_of_two_examples_has_two_codes() -> None:
    sealed = seal("a" * 500, "b" * 500)

    assert len({*list_codes(sealed.truths), *list_codes(sealed.answers)}) == 1_000


def test_a_code_does_not_depend_on_the_other_answers() -> None:
    many, one = seal("abcabc", "ccbbaa"), seal("c", "b", first=2)

    place = list_ids(many).index(one.examples)
    assert list_codes(many.truths)[place] == one.truths
    assert list_codes(many.answers)[place] == one.answers


def test_another_digest_key_gives_other_codes_and_ids() -> None:
    one, other = seal("abab", "aabb"), seal("abab", "aabb", key=bytes(32))

    assert not {*list_codes(one.truths + one.answers)} & {*list_codes(other.truths + other.answers)}
    assert not {*list_ids(one)} & {*list_ids(other)}
    assert one.testing_set != other.testing_set


def test_an_id_is_not_the_digest_it_is_of() -> None:
    sealed = seal("a" * 100, "a" * 100)

    assert len({*list_ids(sealed)}) == 100
    assert not {*list_ids(sealed)} & {*make_digests(100)}


def test_all_are_in_the_order_of_their_ids_whatever_order_they_came_in() -> None:
    digests, truths, answers = make_digests(50), "abcde" * 10, "aabbc" * 10
    backwards = seal_answers(KEY, digests[::-1], truths[::-1], answers[::-1])

    assert backwards == seal(truths, answers)
    assert list_ids(backwards) == sorted(list_ids(backwards))


def test_a_testing_set_is_its_examples_with_their_classes_whatever_was_answered() -> None:
    sealed = seal("abab", "aaaa")

    assert sealed.testing_set == seal("abab", "bbbb").testing_set
    assert len(sealed.testing_set) == 32
    others = [seal("abab", "aaaa", first=1), seal("aba", "aaa"), seal("abaa", "aaaa"), seal("baba", "aaaa")]
    assert len({sealed.testing_set, *(other.testing_set for other in others)}) == 5


def test_an_answer_takes_four_bytes_and_no_class_is_readable() -> None:
    sealed = seal_answers(KEY, make_digests(2), ["business news", "sport"], ["sport", "never seen in training"])

    assert (len(sealed.examples), len(sealed.truths), len(sealed.answers)) == (32, 8, 8)
    assert not any(name in sealed.truths + sealed.answers for name in (b"busi", b"news", b"spor"))


def test_a_class_may_have_any_name() -> None:
    sealed = seal_answers(KEY, make_digests(3), ["", "é", "x" * 10_000], ["", "e", "x" * 9_999])

    same = [one == two for one, two in zip(list_codes(sealed.truths), list_codes(sealed.answers), strict=True)]
    assert sorted(same) == [False, False, True]


def test_no_examples_have_no_codes() -> None:
    assert seal("", "") == SealedAnswers(b"", b"", b"")


def test_who_has_the_key_reads_ids_and_codes_again() -> None:
    digests = [bytes([number]) * 16 for number in (3, 1, 2)]
    sealed = seal_answers(bytes(32), digests, ["a", "b", "ü"], ["b", "b", "unknown"])

    found = list_digests(bytes(32), sealed.examples)
    truths = name_answers(bytes(32), sealed.examples, sealed.truths, ["ü", "b", "a"])
    answers = name_answers(bytes(32), sealed.examples, sealed.answers, ["a", "b"])

    assert sorted(zip(found, truths, answers, strict=True)) == [
        (digests[1], "b", "b"), (digests[2], "ü", None), (digests[0], "a", "b"),
    ]  # fmt: skip
    assert not {*list_digests(bytes(31) + b"1", sealed.examples)} & {*digests}
