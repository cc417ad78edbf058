"""Finds options that change nothing, and definitions that train the same model."""

from collections.abc import Collection, Iterator, Sequence

from pipeline.components import Component
from pipeline.components.options import ActiveWhen, Option
from pipeline.plans.blocks import Block
from pipeline.plans.definition import SECTIONS, Definition
from pipeline.plans.errors import Finding
from pipeline.plans.wording import count_of


def find_duplicates(definitions: Sequence[Definition], preferred: Collection[str] = ()) -> dict[str, str]:
    """Return the label of each definition that trains the same model as another, and the other's label.

    The other is the first of those that train this model, or the first of them whose label is `preferred`. It is not
    among the keys.
    """
    originals: dict[tuple[str, str, str], str] = {}
    for definition in sorted(definitions, key=lambda each: each.label not in preferred):
        originals.setdefault(definition.effective, definition.label)
    return {
        definition.label: original
        for definition in definitions
        if (original := originals[definition.effective]) != definition.label
    }


def find_inert(
    sections: Sequence[Sequence[Block]], definitions: Sequence[Definition], *, collapse: bool
) -> Iterator[Finding]:
    """Yield a warning for each option that the plan names and that changes nothing.

    Such an option is not active with any value that its block tries, or definitions differ in nothing else.
    """
    for section, blocks in zip(SECTIONS, sections, strict=True):
        named: dict[tuple[type[Component], str], list[Block]] = {}
        for block in blocks:
            for name, option in block.component.options_by_name().items():
                if name in block.given and not all(_values_meant(block, each) == {True} for each in option.active_when):
                    named.setdefault((block.component, name), []).append(block)
        for (component, name), where in named.items():
            of_class = [each for each in definitions if type(getattr(each, section)) is component]
            same = _count_same(section, name, of_class)
            yield from _warn(component.options_by_name()[name], where, same, len(definitions), collapse)


def _values_meant(block: Block, condition: ActiveWhen) -> set[bool]:
    """Return whether the values that a block tries meet a condition: {True}, {False}, or both if only some do."""
    return {value in condition.values for value in block.choices[condition.option]}


def _count_same(section: str, name: str, definitions: Sequence[Definition]) -> int:
    """Return how many definitions differ from an earlier one only in an option that changes nothing in them."""
    without: dict[str, str] = {}
    seen: set[tuple[str, ...]] = set()
    for definition in definitions:
        component: Component = getattr(definition, section)
        if component.canonical not in without:
            without[component.canonical] = _leave_out(component, name)
        text = without[component.canonical]
        seen.add(tuple(text if each == section else getattr(definition, each).canonical for each in SECTIONS))
    return len(definitions) - len(seen)


def _warn(option: Option, where: list[Block], same: int, count: int, collapse: bool) -> Iterator[Finding]:
    """Yield the warning about an option in blocks of one class, if it is worth one."""
    never = [block for block in where if any(_values_meant(block, each) == {False} for each in option.active_when)]
    blocks = where if same else never
    if not blocks:
        return
    what = f"changes nothing unless {' and '.join(map(str, option.active_when))}"
    if len(never) == len(blocks):
        what += ", which is not tried here"
    if len(blocks) > 1:
        what += f", nor in {count_of(len(blocks) - 1, 'other block')}"
    path = f"{blocks[0].path}.options.{option.name}"
    if not same:
        yield Finding(path, what, "leave it out, or add such a value")
        return
    them = f"{same:,} of {count_of(count, 'definition')}"
    train = f"{'trains' if same == 1 else 'train'} the same model as {'another' if same == 1 else 'others'}"
    yield Finding(path, what, f"{them} {train}", "" if collapse else '"collapse_inert": true trains one of each')


def _leave_out(component: Component, name: str) -> str:
    """Return the canonical text of a component; an option that changes nothing in it is left out."""
    if name in component.list_effective():
        return component.canonical
    return component.write({other: value for other, value in component.block["options"].items() if other != name})
