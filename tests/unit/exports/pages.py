"""Reads an HTML page as a browser would, without one, and says what stands in it."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "img", "br", "link", "input", "hr"}
SVG_EMPTY = {"rect", "line", "circle", "image"}


class Page(HTMLParser):
    """A page: its elements, ids, links and text; AssertionError if elements are not properly nested."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag in SVG_EMPTY, tag
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, (tag, self._open, self.getpos())

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of all elements of one kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def ids(self) -> list[str]:
        """Ids, in order."""
        return [str(attributes["id"]) for _, attributes in self.elements if "id" in attributes]

    @property
    def addresses(self) -> list[str]:
        """All that the page refers to: links, pictures."""
        return [str(a[key]) for _, a in self.elements for key in ("href", "src", "xlink:href", "action") if key in a]
