"""The pages as HTML. Each is complete: it has no script, font or picture, and loads nothing from elsewhere."""

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from pipeline.reference.markdown import anchor
from pipeline.reference.pages import TITLES, render_pages

STYLE = files("pipeline.reference").joinpath("style.css").read_text(encoding="utf-8")
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""What a browser may load for a page: only its own style."""

_PAGE = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    "<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
)
_PAGE_LINK = re.compile(r"^(\w+)\.md(#.*)?$")


def render_html() -> dict[str, str]:
    """Return every page by its name, made from the current content of the families."""
    return {
        name: _PAGE.format(title=escape(TITLES[name]), style=STYLE, body=_convert(text))
        for name, text in render_pages().items()
    }


def _convert(text: str) -> str:
    """Return a page's Markdown as HTML; HTML in the Markdown is shown as text."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and following is not None:
            _add_anchor(token, following)
        for child in token.children or []:
            if child.type == "link_open":
                child.attrSet("href", _PAGE_LINK.sub(_name_page, str(child.attrGet("href"))))
    _name_cells(tokens)
    rendered: str = markdown.renderer.render(tokens, markdown.options, {})
    return rendered


def _add_anchor(heading: Token, inline: Token) -> None:
    """Let links reach a heading by its anchor, as in the Markdown, and by its text."""
    target = anchor(inline.content)
    heading.attrSet("id", target)
    if heading.tag != "h1":
        link = Token("link_open", "a", 1, attrs={"href": f"#{target}"})
        if inline.content != target:
            link.attrSet("id", inline.content)
        inline.children = [link, *(inline.children or []), Token("link_close", "a", -1)]


def _name_page(found: re.Match[str]) -> str:
    """Return the address of a page as seen from any other: `models.md#x` is served as `models#x`."""
    name, section = found.groups()
    return ("./" if name == "index" else name) + (section or "")


def _name_cells(tokens: list[Token]) -> None:
    """Give each cell the name of its column, which narrow screens show next to the cell."""
    names: list[str] = []
    column = 0
    for token, following in pairwise(tokens):
        match token.type:
            case "thead_open":
                names = []
            case "th_open":
                names.append(following.content)
            case "tr_open":
                column = 0
            case "td_open":
                token.attrSet("data-column", names[column])
                column += 1
