"""The files of the pages: asked for once, and never of another version."""

import re
from posixpath import dirname, join, normpath

import pytest

from integration.registry.client import Client
from pipeline.registry.pages import PAGES


def list_files(client: Client, page: str) -> list[str]:
    """Return the addresses of the files that a page names."""
    answer = client.request("GET", f"/pages/{page}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    return re.findall(r'(?:src|href)="([^"]+)"', answer.text)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_files_that_never_change(client: Client, page: str) -> None:
    named = list_files(client, page)

    assert {name.rpartition("/")[2] for name in named} >= {"theme.js", "style.css", f"{page}.js"}
    assert len({name.partition("/")[0] for name in named}) == 1
    for name in named:
        answer = client.request("GET", f"/pages/{name}")
        assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_every_module_that_its_modules_import_once(client: Client, page: str) -> None:
    named = [name for name in list_files(client, page) if name.endswith(".js")]
    imported = set[str]()
    for name in named:
        text = client.request("GET", f"/pages/{name}").text
        imported |= {normpath(join(dirname(name), other)) for other in re.findall(r'from "([^"]+)"', text)}

    assert any(name.endswith("/common.js") for name in imported)
    assert imported <= {*named}
    assert len(named) == len({*named})


def test_a_file_of_another_version_is_the_present_one_and_not_kept(client: Client) -> None:
    answer = client.request("GET", "/pages/0123456789abcdef/charts/figure.js")

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert client.request("GET", "/pages/0123456789abcdef/leaderboard").status_code == 404
    assert client.request("GET", "/pages/0123456789abcdef/nothing.js").status_code == 404
