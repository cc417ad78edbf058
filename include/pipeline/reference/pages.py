"""The pages as Markdown: an index, one about the plan itself, and one about the classes of each section."""

from pipeline.plans.definition import SECTIONS
from pipeline.plans.schema import DESCRIPTIONS
from pipeline.reference.components import describe_briefly, render_component
from pipeline.reference.markdown import code, heading, link
from pipeline.reference.plan import render_plan

TITLES = {
    "index": "Options reference",
    "plan": "Plan",
    **{f"{section}s": f"{section.capitalize()}s" for section in SECTIONS},
}
"""The pages by name, in the order in which they are listed."""


def render_pages() -> dict[str, str]:
    """Return every page by its name, made from the current content of the families."""
    sections = {f"{section}s": _render_section(section) for section in SECTIONS}
    bodies = {"index": _render_index(), "plan": render_plan(), **sections}
    return {
        name: "\n\n".join([_render_navigation(name), heading(1, TITLES[name]), *bodies[name]]) + "\n" for name in TITLES
    }


def _render_navigation(current: str) -> str:
    return " · ".join(f"**{title}**" if name == current else link(title, name) for name, title in TITLES.items())


def _render_index() -> list[str]:
    parts = [
        "Everything that a training plan can name: each class, and each option with its values, its default and its "
        "meaning. The tables show texts without the quotes that they have in JSON. An option that is not active "
        "changes nothing.",
        f"- {link(TITLES['plan'], 'plan')}: the keys of a plan, how its lists become definitions, and the settings of "
        "a run.",
    ]
    for section, family in SECTIONS.items():
        page = f"{section}s"
        classes = [
            f"  - {link(code(name), page, name)}: {describe_briefly(component)}"
            for name, component in family.classes.items()
        ]
        parts[-1] += "\n" + "\n".join([f"- {link(TITLES[page], page)}: {DESCRIPTIONS[section]}", *classes])
    return parts


def _render_section(section: str) -> list[str]:
    classes = SECTIONS[section].classes.values()
    return [DESCRIPTIONS[section], *(part for component in classes for part in render_component(section, component))]
