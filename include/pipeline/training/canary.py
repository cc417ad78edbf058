"""A few made-up texts with the model's answers after training, to check later that it still answers the same.

The texts are drawn from the adapter's terms, so they reveal nothing that its document does not contain anyway. They
are stored in the document, not made again when it is read, because the way they are made may change.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any

from pipeline.adapters.terms import LONGEST_TERM
from pipeline.adapters.tokenise import tokenise
from pipeline.errors import PredictionDriftError
from pipeline.serialisation.containers import Listing, Record
from pipeline.serialisation.fitted import find_version
from pipeline.serialisation.schema import Text, audit, refuse

Classify = Callable[[list[str]], list[str]]

_CANDIDATES = 128
_KEPT = 15
_LONGEST = 20  # terms
_LONGEST_TERM = 100  # characters
_MOST_WORDS = _LONGEST * LONGEST_TERM
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"

_CANARY = Record(
    {
        "texts": Listing(Text(longest=2 * _LONGEST * _LONGEST_TERM), size="canary", most=_KEPT + 1),
        "answers": Listing(Text(), size="canary"),
    }
)


def make_canary(terms: Sequence[str], classify: Classify) -> dict[str, list[str]]:
    """Return texts with as many different answers as can be found, and those answers.

    Args:
        terms: the adapter's `terms`; if it has none, words are made up.
        classify: the trained model.
    """
    candidates = _make_texts(terms)
    by_answer: dict[str, list[str]] = {}
    for text, answer in zip(candidates, classify(candidates), strict=True):
        by_answer.setdefault(answer, []).append(text)
    in_turn = chain.from_iterable(zip_longest(*by_answer.values()))
    texts = ["", *[text for text in in_turn if text is not None][:_KEPT]]
    return {"texts": texts, "answers": classify(texts)}


def _make_texts(terms: Sequence[str]) -> list[str]:
    draw = random.Random(0)  # noqa: S311 - the same texts every time, and no secret
    known = [term for term in terms if len(term) <= _LONGEST_TERM]

    def draw_word() -> str:
        return draw.choice(known) if known else "".join(draw.choices(_ALPHABET, k=draw.randint(2, 8)))

    return [" ".join(draw_word() for _ in range(draw.randint(1, _LONGEST))) for _ in range(_CANDIDATES)]


def audit_canary(canary: Any, tokeniser: int) -> None:
    """Refuse a canary that `make_canary` could not have made: a document must not decide how long its check takes.

    Args:
        canary: the canary of a document.
        tokeniser: the number of the adapter's tokeniser.

    Raises:
        DocumentError: the canary has another form, or has more or longer texts than `make_canary` makes.
    """
    audit(canary, _CANARY, "canary")
    for position, text in enumerate(canary["texts"]):
        if (words := len(tokenise(text, tokeniser))) > _MOST_WORDS:
            refuse(f"canary.texts[{position}]", f"a text of {words} words", f"at most {_MOST_WORDS}")


def check_canary(canary: Mapping[str, list[str]], classify: Classify, trained_with: Mapping[str, str]) -> None:
    """Refuse a model whose answers to its canary's texts differ from those after training.

    Args:
        canary: audited texts and answers.
        classify: the model as it was read.
        trained_with: the versions of libraries that its document names.

    Raises:
        PredictionDriftError: says how many answers differ, and which libraries have other versions now.
    """
    answers = classify(canary["texts"])
    differing = sum(now != then for now, then in zip(answers, canary["answers"], strict=True))
    if differing:
        raise PredictionDriftError(
            "canary",
            f"{differing} of {len(answers)} made-up texts get another answer than when this model was trained"
            + _describe_versions(trained_with),
            next_step="train it again, or read it with accept_drift=True (--accept-drift) if that does no harm",
        )


def _describe_versions(trained_with: Mapping[str, str]) -> str:
    here = {name: find_version(name) for name in trained_with}
    # This text of a document appears in logs and on terminals, so control characters in it are escaped.
    changed = [
        f"{name} was {ascii(then)[1:-1]} and is {here[name]}"
        for name, then in trained_with.items()
        if here[name] != then
    ]
    return f" ({', '.join(changed)})" if changed else ""
