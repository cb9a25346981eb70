"""The page on the internal listener: `exporter.service.landing`."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from exporter.service.landing import STYLE, landing_page

# Elements that HTML closes by itself.
VOID = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """What a browser would make of a page; complains about tags that do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.style = ""
        self.feed(html)
        self.close()
        assert [] == self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.text += data


def page(*, state: str = "ready", why: str = "", ingest_address: str = "127.0.0.1:10350") -> Page:
    """Return the page as it is parsed."""
    return Page(landing_page(state=state, why=why, bots=3, ingest_address=ingest_address))


def test_the_page_says_how_the_exporter_is() -> None:
    """And where bots send their events."""
    text = page(state="recovering", why="reading the event log").text

    assert "recovering (reading the event log)" in re.sub(r"\s+", " ", text)
    assert "Bots known: 3" in text
    assert "http://127.0.0.1:10350/v1/events" in text


def test_a_state_without_a_reason_has_no_brackets() -> None:
    """Nothing to explain, nothing shown."""
    assert "()" not in page().text


def test_the_page_loads_nothing() -> None:
    """Its links stay on this listener, and no element fetches anything."""
    found = page()

    assert all(link.startswith("/") and not link.startswith("//") for link in found.links)
    assert set(found.tags).isdisjoint({"script", "img", "link", "iframe", "form", "object"})
    assert "url(" not in found.style
    assert "@import" not in found.style


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img src=x>', "&lt;", "</style>"])
def test_whatever_is_shown_is_text(evil: str) -> None:
    """An address comes from a file, a reason from an error."""
    plain, shown = page(), page(state=evil, why=evil, ingest_address=evil)

    assert plain.tags == shown.tags
    assert 3 == shown.text.count(evil)


def test_the_style_is_the_one_the_policy_allows() -> None:
    """The browser compares hashes, byte by byte."""
    assert sha256(STYLE.encode()).digest() == sha256(page().style.encode()).digest()
    assert b64encode(sha256(page().style.encode()).digest())
