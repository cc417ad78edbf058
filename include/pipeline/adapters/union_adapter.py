"""Combines several adapters."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, zip_longest
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field

from pipeline.adapters import adapters
from pipeline.adapters.base import Adapter
from pipeline.adapters.union_parts import EXAMPLE, UNION, UnionPart
from pipeline.adapters.weighing import make_rows
from pipeline.components.features import Features, stack
from pipeline.components.options import OptionSchema, canonical_json
from pipeline.errors import DocumentError
from pipeline.serialisation.containers import Listing, Record
from pipeline.serialisation.schema import Anything, Text, refuse

MOST_PARTS = 8
EXAMPLES: list[Any] = [
    ["TfidfAdapter", EXAMPLE],
    ["TfidfAdapter", {"name": "Word2VecAdapter", "options": {"sequence_length": 100, "pooling": "mean"}}],
]


def _check_distinct(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: dict[str, int] = {}
    for number, block in enumerate(blocks):
        first = seen.setdefault(_make(block).effective, number)
        if first != number:
            raise ValueError(f"parts {first} and {number} do the same; each part must be another")
    return blocks


def _make(block: Mapping[str, Any]) -> Adapter:
    return adapters[block["name"]](**block["options"])


_Parts = Annotated[list[UnionPart], Field(min_length=2, max_length=MOST_PARTS), AfterValidator(_check_distinct)]


class UnionAdapter(Adapter):
    """Turns a text into the rows of several adapters, its parts, joined to one row.

    Each part is fitted on the same texts with the same seed. A row can hold negative numbers if a row of any part can.
    """

    name: ClassVar[str] = UNION
    short_name: ClassVar[str] = "union"
    gives_negative: ClassVar[bool] = True

    class Options(OptionSchema):
        adapters: _Parts = Field(
            description="The parts: each the name of an adapter, or an object with a name and those options that "
            "differ from their defaults, one value each. No part is a union.",
            json_schema_extra={"uniqueItems": True, "examples": EXAMPLES},
        )

    learnt: ClassVar[Record] = Record(
        {"parts": Listing(Record({"adapter_type": Text(), "adapter": Anything()}), fewest=2, most=MOST_PARTS)}
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._parts = [_make(block) for block in self.options.adapters]
        # class attributes of other adapters; here they depend on the parts
        vars(self).update(
            gives_negative=any(part.gives_negative for part in self._parts),
            gives_sparse=any(part.gives_sparse for part in self._parts),
            knows_any=any(part.knows_any for part in self._parts),
            libraries=tuple(dict.fromkeys(chain.from_iterable(part.libraries for part in self._parts))),
        )

    @classmethod
    def can_give_negative(cls, choices: Mapping[str, Sequence[Any]]) -> bool:
        return any(_make(block).gives_negative for blocks in choices["adapters"] for block in blocks)

    @cached_property
    def canonical(self) -> str:
        return self._join(part.canonical for part in self._parts)

    @cached_property
    def effective(self) -> str:
        return self._join(part.effective for part in self._parts)

    def _join(self, texts: Iterator[str]) -> str:
        return canonical_json({"name": self.name, "options": {"adapters": [json.loads(text) for text in texts]}})

    @property
    def parts(self) -> Sequence[Adapter]:
        return self._parts

    def fit(self, texts: Sequence[str], seed: int = 0) -> Self:
        for part in self._parts:
            part.fit(texts, seed)
        return self

    def transform(self, texts: Sequence[str]) -> Features:
        self.require_fitted()
        return make_rows(texts, self._stack, self.width) if self.gives_sparse else self._stack(texts)

    def _stack(self, texts: Sequence[str]) -> Features:
        return stack([part.transform(texts) for part in self._parts])

    @property
    def width(self) -> int:
        return sum(part.width for part in self._parts)

    @property
    def dense_width(self) -> int:
        return sum(part.dense_width for part in self._parts)

    @property
    def terms(self) -> Sequence[str]:
        in_turn = chain.from_iterable(zip_longest(*(part.terms for part in self._parts)))
        return list(dict.fromkeys(term for term in in_turn if term is not None))

    @property
    def fitted(self) -> bool:
        return all(part.fitted for part in self._parts)

    def get_learnt(self) -> dict[str, Any]:
        return {"parts": [{"adapter_type": part.name, "adapter": part.to_dict()} for part in self._parts]}

    def set_learnt(self, learnt: dict[str, Any]) -> None:
        written = learnt["parts"]
        if len(written) != len(self._parts):
            refuse("adapter.learnt.parts", f"{len(written)} parts", f"{len(self._parts)} parts, as in the options")
        self._parts = [
            _read_part(each, part, f"adapter.learnt.parts[{number}]")
            for number, (each, part) in enumerate(zip(written, self._parts, strict=True))
        ]
        if others := {part.tokeniser for part in self._parts} - {self.tokeniser}:
            refuse("adapter.tokeniser", str(self.tokeniser), f"{others.pop()}, as in a part")


def _read_part(written: Mapping[str, Any], meant: Adapter, path: str) -> Adapter:
    """Return a part from a document, which must be the part that the union's options describe."""
    Text((meant.name,)).check(written["adapter_type"], f"{path}.adapter_type", {})
    try:
        part = type(meant).from_dict(written["adapter"])
    except DocumentError as error:
        place = f"{path}.{error.where}"  # it begins with the family's name, which is also the key
        raise DocumentError(place, error.what, error.allowed, error.next_step) from None
    if part.canonical != meant.canonical:
        refuse(f"{path}.adapter.options", "other options", "those that adapter.options.adapters has for this part")
    return part
