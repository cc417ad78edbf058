"""The options reference: pages made from the families and the option schemas, as Markdown and as HTML."""

from pipeline.reference.pages import TITLES, render_pages

__all__ = ["TITLES", "render_pages"]
