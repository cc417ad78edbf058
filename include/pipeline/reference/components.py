"""The part of a page about one class."""

import inspect
from typing import Any

from pipeline.adapters import adapters
from pipeline.components import Component
from pipeline.components.options import ActiveWhen, Option
from pipeline.models import models
from pipeline.plans.wording import join
from pipeline.reference.blocks import make_block
from pipeline.reference.markdown import code, heading, json_block, link, prose, table
from pipeline.reference.values import describe_values, show_value


def render_component(section: str, component: type[Component]) -> list[str]:
    """Return the parts of a class's description: what it is, its possible partners, an example, and every option."""
    partners = {"adapter": _describe_models, "model": _describe_adapters}.get(section)
    parts = [_read_docstring(component), partners(component) if partners else ""]
    return [
        heading(2, component.name),
        *(part for part in parts if part),
        json_block(make_block(component)),
        _render_options([*component.options_by_name().values()]),
    ]


def describe_briefly(component: type[Component]) -> str:
    """Return the first paragraph of a class's description, as one line."""
    return " ".join(_read_docstring(component).split("\n\n")[0].split())


def _read_docstring(component: type[Component]) -> str:
    """Return a class's own docstring, not that of its base class."""
    return prose(inspect.cleandoc(component.__doc__ or ""))


def _render_options(options: list[Option]) -> str:
    """Return the table of options; it has the column "Active when" only if an option has a condition."""
    if not options:
        return "It has no options."
    header = ["Option", "Values", "Default", "Meaning"]
    rows = [
        [code(option.name), describe_values(option.schema), show_default(option), prose(option.description)]
        for option in options
    ]
    if any(option.active_when for option in options):
        header.append("Active when")
        for row, option in zip(rows, options, strict=True):
            row.append(" and ".join(map(_describe_condition, option.active_when)) or "always")
    return table(header, rows)


def show_default(option: Option) -> str:
    """Return the value of an option that a plan leaves out."""
    return "*required*" if option.required else code(show_value(option.default))


def _describe_condition(condition: ActiveWhen) -> str:
    values = join([code(show_value(value)) for value in condition.values], " or ")
    return f"{code(condition.option)} is {values}"


def _describe_models(adapter: Any) -> str:
    """Return which models cannot take what an adapter gives."""
    if not adapter.gives_negative:
        return "It gives no negative numbers: every model takes what it gives."
    picky = [link(code(name), "models", name) for name, model in models.classes.items() if not model.takes_negative]
    given = "Under some options it gives" if _is_up_to_options(adapter) else "It can give"
    return f"{given} negative numbers, which {join(picky, ' and ')} cannot take." if picky else ""


def _describe_adapters(model: Any) -> str:
    """Return which adapters give what a model can take, or "" if all do."""
    if model.takes_negative:
        return ""
    links = {name: link(code(name), "adapters", name) for name in adapters.classes}
    fit = [links[name] for name, adapter in adapters.classes.items() if not adapter.gives_negative]
    fit += [f"some {links[name]}" for name, adapter in adapters.classes.items() if _is_up_to_options(adapter)]
    return f"It takes no negative numbers: only with {join(fit, ' or ') if fit else 'adapters that are not installed'}."


def _is_up_to_options(adapter: Any) -> bool:
    """Return whether an adapter gives negative numbers under some of its options only."""
    no_values: dict[str, list[Any]] = {name: [] for name in adapter.options_by_name()}
    return bool(adapter.gives_negative and not adapter.can_give_negative(no_values))
