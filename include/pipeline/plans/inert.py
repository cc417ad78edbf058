"""Options that change nothing: which, and how many definitions train a model that another trains too."""

from collections.abc import Iterator, Sequence

from pipeline.components import Component
from pipeline.options import canonical_json
from pipeline.plans.blocks import Block
from pipeline.plans.definition import SECTIONS, Definition
from pipeline.plans.errors import Finding
from pipeline.plans.wording import count_of


def find_duplicates(definitions: Sequence[Definition]) -> dict[str, str]:
    """Return, for each definition that trains the same model as an earlier one, that one's label."""
    first: dict[tuple[str, str, str], str] = {}
    return {
        definition.label: original
        for definition in definitions
        if (original := first.setdefault(definition.effective, definition.label)) != definition.label
    }


def find_inert(
    sections: Sequence[Sequence[Block]], definitions: Sequence[Definition], *, collapse: bool
) -> Iterator[Finding]:
    """Yield a warning for each option that the plan names and that changes nothing.

    It does so where none of the definitions lets it be active, or where some differ in nothing else.
    """
    for section, blocks in zip(SECTIONS, sections, strict=True):
        for block in blocks:
            for name, option in block.component.options_by_name().items():
                if name in block.given and option.active_when:
                    yield from _look_at(section, block, name, definitions, collapse)


def _look_at(
    section: str, block: Block, name: str, definitions: Sequence[Definition], collapse: bool
) -> Iterator[Finding]:
    conditions = " and ".join(map(str, block.component.options_by_name()[name].active_when))
    of_class = [each for each in definitions if type(getattr(each, section)) is block.component]
    without: dict[int, str] = {}
    seen: set[tuple[str, ...]] = set()
    active = False
    for definition in of_class:
        component: Component = getattr(definition, section)
        text = without.get(id(component))
        if text is None:
            text = without[id(component)] = _leave_out(component, name)
        active = active or text == component.canonical
        seen.add(tuple(text if each == section else getattr(definition, each).canonical for each in SECTIONS))
    same = len(of_class) - len(seen)
    if active and not same:
        return
    what = f"changes nothing unless {conditions}" + ("" if active else ", which no definition has")
    if not same:
        yield Finding(f"{block.path}.options.{name}", what, "leave it out, or add such a value")
        return
    them = f"{same:,} of {count_of(len(definitions), 'definition')}"
    train = f"{'trains' if same == 1 else 'train'} the same model as {'another' if same == 1 else 'others'}"
    hint = "" if collapse else '"collapse_inert": true trains one of each'
    yield Finding(f"{block.path}.options.{name}", what, f"{them} {train}", hint)


def _leave_out(component: Component, name: str) -> str:
    """Return the canonical text of a component, without one option where that changes nothing."""
    if name in component.list_effective():
        return component.canonical
    block = component.to_block()
    del block["options"][name]
    return canonical_json(block)
