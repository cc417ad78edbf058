"""Plans drawn at random from the whole catalogue: whatever class is registered is in them."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.adapters.union_adapter import UnionAdapter
from pipeline.adapters.union_parts import list_possible
from pipeline.components import Component
from pipeline.components.options import Option
from pipeline.plans.definition import SECTIONS

# Permutations, so few that the reference can list them.
MOST_OF_BLOCK = 6
MOST_OF_PLAN = 300

Plan = dict[str, Any]


@cache
def values(option: Option) -> st.SearchStrategy[Any]:
    """Return values that an option takes, each as a person may write it."""
    return _values(option.schema, option).filter(lambda value: takes(option, value))


def takes(option: Option, value: Any) -> bool:
    """Return whether an option takes a value."""
    try:
        option.parse(value)
    except ValidationError:
        return False
    return True


def _values(schema: dict[str, Any], option: Option) -> st.SearchStrategy[Any]:
    if "anyOf" in schema:
        return st.one_of([_values(branch, option) for branch in schema["anyOf"]])
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    kinds = {"integer": _integers, "number": _numbers, "string": _strings, "array": _arrays}
    if schema["type"] in kinds:
        return kinds[schema["type"]](schema, option)
    return {"boolean": st.booleans(), "null": st.none()}[schema["type"]]


def _integers(schema: dict[str, Any], _: Option) -> st.SearchStrategy[Any]:
    lowest = schema["minimum"]
    highest = schema["maximum"]
    small = st.integers(lowest, min(highest, lowest + 4))  # few, so that blocks and rules meet
    return st.one_of(small, small.map(float), st.integers(lowest, highest))


def _numbers(schema: dict[str, Any], _: Option) -> st.SearchStrategy[Any]:
    lowest: float = schema["minimum"] if "minimum" in schema else schema["exclusiveMinimum"]
    highest: float = schema["maximum"] if "maximum" in schema else schema["exclusiveMaximum"]
    few = [0.5, 0.8, 8e-1, 1e-3, 0.001, 1, 1.0, 0, -0.0, 0.0, 3]
    floats = st.floats(
        lowest, highest, exclude_min="exclusiveMinimum" in schema, exclude_max="exclusiveMaximum" in schema
    )
    return st.one_of(st.sampled_from([number for number in few if lowest < number < highest]), floats)


def _strings(schema: dict[str, Any], option: Option) -> st.SearchStrategy[str]:
    if takes(option, " 2016-1-1 "):
        return _moments(option.name)
    few = [*schema.get("examples", []), "default", "a", "A"]
    return st.one_of(st.sampled_from(few), st.text("abzAZ019_.:/-é", min_size=1, max_size=9))


def _moments(name: str) -> st.SearchStrategy[str]:
    """Return moments in every way they are written; what is an end comes after what is a start, but for one.

    A span that tests comes after all others.
    """
    if "testing" in name:
        end = "end" in name
        few = ["2103-3-1", "2103-03-01T00:00Z", "2103-3-1 02:00+02:00"] if end else ["2101-1-1", " 2101-01-01\n"]
        moments = st.datetimes(datetime(2102 + end, 1, 2), datetime(2103 + end, 1, 1))  # noqa: DTZ001
    elif "end" in name:
        few = ["2016-3-1", "2016-03-01", "2016-03-01T00:00Z", "2016-3-1 02:00+02:00", " 2016-03-01\n", "2016-4-1"]
        moments = st.datetimes(datetime(2016, 1, 2), datetime(2100, 1, 1))  # noqa: DTZ001
    else:
        few = ["2016-1-1", "2016-01-01", "2016-01-01T00:00Z", "2015-12-31 19:00-05:00", "2016-01-01\t", "2016-4-1"]
        moments = st.datetimes(datetime(1900, 1, 1), datetime(2016, 1, 1))  # noqa: DTZ001
    return st.one_of(st.sampled_from(few), st.builds(_write_moment, moments, st.integers(0, 3)))


def _write_moment(moment: datetime, form: int) -> str:
    if form == 0:
        return f"{moment.year:04}-{moment.month}-{moment.day}"
    return moment.isoformat("T" if form == 2 else " ") + ("", "Z", "-01:30")[form - 1]


def _arrays(schema: dict[str, Any], option: Option) -> st.SearchStrategy[list[Any]]:
    if "object" in schema["items"]["type"]:
        return st.lists(parts(), min_size=schema["minItems"], max_size=schema["minItems"] + 1)
    items = st.lists(_values(schema["items"], option), min_size=schema["minItems"], max_size=schema["maxItems"])
    return st.one_of(items, items.map(sorted))


def _names(known: Mapping[str, Option], most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(known)), max_size=most) if known else st.just([])


@st.composite
def parts(draw: st.DrawFn) -> Any:
    """Draw a part of a union of adapters: a name, or a name with its required options and a few of the others."""
    component = draw(st.sampled_from([*list_possible().values()]))
    known = component.options_by_name()
    names = [name for name, option in known.items() if option.required]
    names += draw(_names(known, 2))
    options = {name: draw(values(known[name])) for name in dict.fromkeys(names)}
    return {"name": component.name, "options": options} if draw(st.booleans()) or options else component.name


def respell(value: Any) -> Any:
    """Return the same value as JSON may write it otherwise: `3.0` for 3."""
    if isinstance(value, dict):
        return {key: each if key == "name" else respell(each) for key, each in value.items()}
    if isinstance(value, list):
        return [respell(each) for each in value]
    if isinstance(value, str):
        return f" {value} " if value[:1].isdigit() else value
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


@st.composite
def written_values(draw: st.DrawFn, option: Option, most: int = 3) -> Any:
    """Draw what a plan may say of an option: a value by itself or a list of values, some of them twice."""
    found = draw(st.lists(values(option), min_size=1, max_size=most))
    if len(found) == 1 and draw(st.booleans()):
        return found[0]
    if len(found) < most and draw(st.integers(0, 3)) == 0:
        again = respell(draw(st.sampled_from(found)))
        found.insert(draw(st.integers(0, len(found))), again if takes(option, again) else found[0])
    return found


@st.composite
def blocks(draw: st.DrawFn, component: type[Component]) -> Plan:
    """Draw a block of a class: its required options and a few of the others."""
    known = component.options_by_name()
    names = [name for name, option in known.items() if option.required]
    pairs = [[name, part.option] for name, option in known.items() for part in option.active_when]
    if draw(st.booleans()) and pairs:  # an option, and the one that says whether it changes anything
        names += draw(st.sampled_from(pairs))
    names += draw(_names(known, 3))
    options: Plan = {}
    left = MOST_OF_BLOCK
    for name in dict.fromkeys(draw(st.permutations(names))):
        options[name] = draw(written_values(known[name], min(left, 3)))
        left //= len(known[name].list_values(options[name]))
    return {"name": component.name, "options": options} if draw(st.booleans()) or options else {"name": component.name}


@st.composite
def sections(draw: st.DrawFn, section: str) -> list[Plan]:
    """Draw the blocks of a section, some sharing a class."""
    component = st.sampled_from([*SECTIONS[section].classes.values()])
    found = [draw(blocks(each)) for each in draw(st.lists(component, min_size=1, max_size=3))]
    if draw(st.integers(0, 3)) == 0:  # one of them once more, with other values here and there
        first = found[0]
        known = SECTIONS[section].classes[first["name"]].options_by_name()
        options = {
            name: draw(written_values(known[name], len(known[name].list_values(written))))
            if draw(st.booleans())
            else written
            for name, written in first.get("options", {}).items()
        }
        found.insert(draw(st.integers(0, 1)), first | {"options": options})
    return found


@st.composite
def rules(draw: st.DrawFn, plan: Plan) -> Plan:
    """Draw a rule over classes and values that are mostly the plan's own."""
    rule: Plan = {}
    for section in draw(st.lists(st.sampled_from([*SECTIONS]), min_size=1, max_size=3, unique=True)):
        block = draw(st.sampled_from(list_blocks(plan, section)))
        component = SECTIONS[section].classes[block["name"]]
        conditions = draw(st.lists(st.sampled_from(["name", *component.options_by_name()]), min_size=1, max_size=2))
        for condition in conditions:
            if condition == "name":
                others = draw(st.lists(st.sampled_from([*SECTIONS[section].classes]), max_size=1))
                rule[f"{section}.name"] = [block["name"], *others] if others else block["name"]
            else:
                option = component.options_by_name()[condition]
                written = block.get("options", {}).get(condition)
                same = written is not None and draw(st.integers(0, 3)) > 0
                meant = draw(_some_of(option, option.list_values(written))) if same else draw(written_values(option))
                rule[f"{section}.options.{condition}"] = meant
    return rule


@st.composite
def _some_of(draw: st.DrawFn, option: Option, found: list[Any]) -> Any:
    some = draw(st.lists(st.sampled_from(found), min_size=1, max_size=2))
    if takes(option, respell(some[0])) and draw(st.booleans()):
        some[0] = respell(some[0])
    return some[0] if len(some) == 1 and draw(st.booleans()) else some


@st.composite
def plans(draw: st.DrawFn, *, most_rules: int = 4) -> Plan:
    """Draw a plan of few permutations that is mostly a good one."""
    plan: Plan = {section: draw(sections(section)) for section in SECTIONS}
    _drop_blocks(plan)
    plan |= {section: plan[section][0] for section in SECTIONS if len(plan[section]) == 1 and draw(st.booleans())}
    excluded = [draw(rules(plan)) for _ in range(draw(st.integers(0, most_rules)))]
    if draw(st.integers(0, 5)):
        excluded[len(excluded) // 2 : 0] = list_misfits(plan)
    if draw(st.booleans()) or excluded:
        plan["exclude"] = excluded
    if draw(st.integers(0, 3)) == 0:
        plan |= draw(st.fixed_dictionaries({}, optional=SETTINGS))
    return plan


SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.none() | st.sampled_from(["x", " spam, without the demo "]),
    "note": st.none() | st.sampled_from(["tried again\nwith less"]),
    "tags": st.lists(st.sampled_from(["baseline", "for the talk", "é"]), max_size=3),
    "seed": st.integers(0, 2**32 - 1),
    "sample": st.none() | st.integers(1, 400),
    "max_definitions": st.sampled_from([1, 10, 300, 1_000, 1000.0, 1_000_000]),
    "on_existing": st.sampled_from(["train", "reuse"]),
    "collapse_inert": st.booleans(),
    "max_failures": st.sampled_from([None, 1, 3.0, 0.5]),
    "max_minutes": st.sampled_from([None, 1, 0.5]),
    "max_memory_mb": st.sampled_from([None, 300, 4_000.0]),
    "search": st.none()
    | st.fixed_dictionaries(
        {},
        optional={
            "method": st.just("halving"),
            "factor": st.sampled_from([2, 3, 4.0, 10]),
            "smallest": st.sampled_from([0.001, 0.1, 0.5]),
            "resource": st.just("examples"),
        },
    ).filter(bool),
}


def list_blocks(plan: Plan, section: str) -> list[Plan]:
    """Return a section's blocks, whether the plan has one or a list."""
    written = plan[section]
    return list(written) if isinstance(written, list) else [written]


def list_misfits(plan: Plan) -> list[Plan]:
    """Return a rule for each adapter in a plan with models that cannot learn from what it gives."""
    names = {block["name"]: None for block in list_blocks(plan, "adapter")}
    adapters: list[Any] = [SECTIONS["adapter"].classes[name] for name in names]
    picky = [name for name, model in SECTIONS["model"].classes.items() if not model.takes_negative]
    unions = [union for union in _list_unions(plan) if UnionAdapter(union).gives_negative]
    negative = [each.name for each in adapters if each.gives_negative and each is not UnionAdapter]
    return [
        *({"adapter.name": name, "model.name": picky} for name in negative),
        *({"adapter.options.adapters": [union], "model.name": picky} for union in unions),
    ]


def _list_unions(plan: Plan) -> list[Any]:
    option = UnionAdapter.options_by_name()["adapters"]
    blocks = [block for block in list_blocks(plan, "adapter") if block["name"] == UnionAdapter.name]
    return [union for block in blocks for union in option.list_values(block["options"]["adapters"])]


def count_permutations(plan: Plan) -> int:
    """Return how many permutations a plan's sections have."""
    product = 1
    for section in SECTIONS:
        product *= sum(_count_block(section, block) for block in list_blocks(plan, section))
    return product


def _count_block(section: str, block: Plan) -> int:
    known = SECTIONS[section].classes[block["name"]].options_by_name()
    product = 1
    for name, written in block.get("options", {}).items():
        product *= len(known[name].list_values(written))
    return product


def _drop_blocks(plan: Plan) -> None:
    """Drop blocks, those of the longest section first, until a plan has few permutations."""
    while count_permutations(plan) > MOST_OF_PLAN:
        max((plan[section] for section in SECTIONS), key=len).pop()
