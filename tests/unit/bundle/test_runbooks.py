"""Markdown of the runbooks as a page: `exporter.bundle.runbooks`."""

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from exporter.bundle.runbooks import anchor, inline, runbooks_page

ROOT = Path(__file__).parent.parent.parent.parent
PIECES = [
    "# Runbooks\n\nOne section\nfor every alert.\n",
    "### BotDown\n\n**Meaning**: `up` is 0 & <nothing> comes.\n",
    "- one\n- two with `code`\n  and more\n",
    "1. first\n2. second\n",
    "```promql\nrate(x[5m]) > 0\n\n# no heading\n```\n",
    "1. run\n\n   ```sh\n   curl -s x | head\n   ```\n\n2. look\n",
    "See [Prometheus](https://prometheus.io/docs?a=1&b=2).\n",
    "| a | b |\n| --- | --- |\n| `x` | y |\n",
    "<script>alert(1)</script> stays text\n",
]


def words(html: str) -> list[str]:
    """Return the tags and words of *html*, without what may differ in layout."""
    for tag in ("<thead>", "</thead>", "<tbody>", "</tbody>", "<p>", "</p>"):
        html = html.replace(tag, " ")
    for language in ("promql", "sh"):
        html = html.replace(f'<code class="language-{language}">', "<code>")
    return html.replace("<", " <").replace(">", "> ").split()


def body(markdown: str) -> str:
    """Return the part of the page that shows *markdown*, without contents and anchors."""
    page = runbooks_page(markdown, "by a test")
    shown = page.partition("<main>")[2].partition("</main>")[0]
    if "</nav>" in shown:
        before, _, rest = shown.partition("<nav>")
        shown = before + rest.partition("</nav>")[2]
    for level in range(1, 5):
        start, mark, rest = shown.partition(f"<h{level} id=")
        if mark:
            shown = f"{start}<h{level}>{rest.partition('>')[2]}"
    return shown


@pytest.mark.parametrize("markdown", PIECES)
def test_what_the_runbooks_use_reads_like_any_markdown(markdown: str) -> None:
    """The oracle is a library; only the layout of paragraphs in lists may differ."""
    expected = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)

    assert words(expected) == words(body(markdown))


def test_an_alert_has_the_anchor_its_link_names() -> None:
    """The name in lower case, as in `runbook_url`."""
    page = runbooks_page("## Technical\n\n### BotErrorRatioHigh\n\nText.\n", "by a test")

    assert '<h3 id="boterrorratiohigh">' in page
    assert '<li><a href="#boterrorratiohigh">BotErrorRatioHigh</a></li>' in page
    assert "first-checks" == anchor("First checks:")


def test_comments_and_relative_links_do_not_reach_the_page() -> None:
    """The page lies elsewhere than the file, and a comment is for authors."""
    page = runbooks_page("<!-- technical -->\n\nSee [this](how-to/x.md).\n", "by a test")

    assert "technical" not in page
    assert "<p>See this.</p>" in page


@pytest.mark.parametrize("target", ["javascript:alert(1)", "data:text/html,x", "//evil"])
def test_no_link_runs_anything(target: str) -> None:
    """Only links to the web and within the page become links."""
    assert "<a" not in inline(f"[x]({target})")


def test_the_real_runbooks_become_a_page() -> None:
    """Every heading of an alert is reachable."""
    markdown = (ROOT / "docs/runbooks.md").read_text("utf-8")
    names = [line[4:].strip() for line in markdown.splitlines() if line.startswith("### ")]

    page = runbooks_page(markdown, "by a test")

    assert [] == [name for name in names if f'<h3 id="{name.lower()}">' not in page]
