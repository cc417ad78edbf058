"""The HTML of the options reference: links that lead somewhere, nothing from elsewhere, nothing passed on."""

import re
from html import unescape

import pytest

from pipeline.components import Component
from pipeline.models import models
from pipeline.plans.definition import SECTIONS
from pipeline.reference import TITLES
from pipeline.reference.html import CONTENT_SECURITY_POLICY, render_html

COMPONENTS = [(section, component) for section, registry in SECTIONS.items() for component in registry.classes.values()]


def list_ids(page: str) -> list[str]:
    """Return every anchor of a page."""
    return re.findall(r' id="([^"]+)"', page)


@pytest.mark.parametrize(("section", "component"), COMPONENTS, ids=lambda each: getattr(each, "name", each))
def test_a_class_can_be_linked_to_by_its_name(section: str, component: type[Component]) -> None:
    ids = list_ids(render_html()[f"{section}s"])

    assert {component.name, component.name.lower()} <= set(ids)


@pytest.mark.parametrize("name", TITLES)
def test_an_anchor_stands_once(name: str) -> None:
    ids = list_ids(render_html()[name])

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", TITLES)
def test_every_link_leads_somewhere(name: str) -> None:
    pages = render_html()
    links = re.findall(r' href="([^"]*)"', pages[name])

    for link in links:
        page, _, section = link.partition("#")
        target = {"": name, "./": "index"}.get(page, page)
        assert target in pages, link
        assert not section or section in list_ids(pages[target]), link
    assert len(links) >= len(TITLES) - 1


@pytest.mark.parametrize("name", TITLES)
def test_a_page_needs_nothing_from_elsewhere(name: str) -> None:
    page = render_html()[name]

    assert not re.search(r"<(script|img|link|iframe|object)|\ssrc=|\sstyle=|@import|url\(", page)
    assert "script-src" not in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")


def test_the_cells_of_a_row_carry_their_columns_names() -> None:
    rows = re.findall(r"<tr>\n(<td.*?)</tr>", render_html()["models"], re.DOTALL)

    columns = [re.findall(r'<td data-column="([^"]+)"', row) for row in rows]
    assert {tuple(each[:4]) for each in columns} == {("Option", "Values", "Default", "Meaning")}
    assert {*columns[-1][4:]} == {"Active when"}


def test_html_in_a_docstring_is_shown_and_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = 'Guesses <script>alert("x")</script> and `<b>`.\n\n<img src=x onerror=alert(1)>'
    monkeypatch.setattr(models["scikit_model_svm"], "__doc__", hostile)

    page = render_html()["models"]

    assert "<script" not in page
    assert "<img" not in page
    assert 'Guesses <script>alert("x")</script> and' in unescape(page)
    assert "<code>&lt;b&gt;</code>" in page
