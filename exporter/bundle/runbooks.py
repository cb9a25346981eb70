"""
The runbooks as a page of HTML, so that the link in a message leads somewhere without a web server.

Only what the runbooks use of Markdown: headings, paragraphs, lists, fenced code, tables, bold,
code and links. Everything else shows as it is written; nothing of it becomes markup.
"""

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from html import escape

FILE = "docs/runbooks.md"
PAGE = "exporter/service/pages/runbooks.html"
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 50rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.3rem; margin-top: 2.5rem; }
h3 { font-size: 1.1rem; margin-top: 2rem; border-top: 1px solid; padding-top: .75rem; }
h3:target { outline: 2px solid; outline-offset: .25rem; }
a { overflow-wrap: anywhere; }
code { font-size: .9em; overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid; }
pre code { overflow-wrap: normal; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid; padding: .25rem .5rem; text-align: left; vertical-align: top; }
nav ul { columns: 16rem; padding-left: 1rem; }
"""

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"(#{1,4}) +(.+?) *#*")
_ITEM = re.compile(r"( *)(?:[-*]|([0-9]+)[.)]) +(.*)")
_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)")
_CELLS = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\|?[ :|-]+\|[ :|-]*")


def runbooks_page(markdown: str, origin: str) -> str:
    """
    Return the page of *markdown*.

    Args:
        markdown: The runbooks; a heading of the third level names an alert.
        origin: Says where the page comes from, for whoever opens the file.
    """
    lines = _COMMENT.sub("", markdown).splitlines()
    introduction, mark, sections = "\n".join(_blocks(lines)).partition("<h2")
    body = f"{introduction}{_contents(lines)}{mark}{sections}"
    return f"""<!DOCTYPE html>
<!-- {escape(origin)} -->
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Runbooks</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def anchor(title: str) -> str:
    """Return the anchor of a heading: the name of an alert in lower case."""
    words = re.sub(r"[^\w\- ]", "", title.lower())
    return words.strip().replace(" ", "-")


def inline(text: str) -> str:
    """Return the HTML of a piece of text; links lead to the web or within the page only."""
    parts, end = [], 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[end : found.start()]))
        parts.append(_marked(found))
        end = found.end()
    return "".join([*parts, escape(text[end:])])


def _marked(found: re.Match[str]) -> str:
    code, bold, words, target = found.groups()
    if code is not None:
        return f"<code>{escape(code)}</code>"
    if bold is not None:
        return f"<strong>{inline(bold)}</strong>"
    if target.startswith(("https://", "http://", "#")):
        return f'<a href="{escape(target)}">{inline(words)}</a>'
    return inline(words)  # Relative to the repository, where this page does not lie.


def _contents(lines: Sequence[str]) -> str:
    names = [found[2] for found in _headings(lines) if len(found[1]) == 3]  # noqa: PLR2004 - third level
    links = "".join(f'<li><a href="#{anchor(name)}">{escape(name)}</a></li>' for name in names)
    return f"<nav><ul>{links}</ul></nav>\n" if links else ""


def _headings(lines: Sequence[str]) -> Iterator[re.Match[str]]:
    is_code = False
    for line in lines:
        if line.lstrip().startswith("```"):
            is_code = not is_code
        found = None if is_code else _HEADING.fullmatch(line)
        if found is not None:
            yield found


def _blocks(lines: Sequence[str]) -> Iterator[str]:
    place = 0
    while place < len(lines):
        line = lines[place]
        if not line.strip():
            place += 1
        elif found := _HEADING.fullmatch(line):
            level, title = len(found[1]), found[2]
            yield f'<h{level} id="{anchor(title)}">{inline(title)}</h{level}>'
            place += 1
        else:
            render, size = _block(lines, place)
            yield render
            place += size


def _block(lines: Sequence[str], place: int) -> tuple[str, int]:
    """Return the HTML of the block that begins at *place*, and how many lines it has."""
    rest = lines[place:]
    if rest[0].lstrip().startswith("```"):
        return _code(rest)
    if _ITEM.fullmatch(rest[0]):
        size = _until(rest, _ends_list)
        return _list(rest[:size]), size
    if len(rest) > 1 and "|" in rest[0] and _RULE.fullmatch(rest[1].strip()):
        size = _until(rest, lambda line: "|" not in line)
        return _table(rest[:size]), size
    size = _until(rest, _ends_paragraph)
    return f"<p>{inline(' '.join(line.strip() for line in rest[:size]))}</p>", size


def _until(lines: Sequence[str], is_over: Callable[[str], bool]) -> int:
    """Return how many lines there are up to the first, beyond the first one, that *is_over*."""
    return next((n for n, line in enumerate(lines) if n and is_over(line)), len(lines))


def _code(lines: Sequence[str]) -> tuple[str, int]:
    indent = len(lines[0]) - len(lines[0].lstrip())
    size = _until(lines, lambda line: line.strip() == "```")
    text = "\n".join(line[indent:] for line in lines[1:size])
    return f"<pre><code>{escape(text)}</code></pre>", size + 1


def _list(lines: Sequence[str]) -> str:
    """Return a list; what is indented below an item belongs to it."""
    starts = [n for n, line in enumerate(lines) if (m := _ITEM.fullmatch(line)) and not m[1]]
    items = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        first = _ITEM.fullmatch(lines[start])
        text = first[3] if first else ""
        below = textwrap.dedent("\n".join(lines[start + 1 : end])).splitlines()
        size = next((n for n, line in enumerate(below) if _ends_paragraph(line)), len(below))
        whole = " ".join([text, *(line.strip() for line in below[:size])])
        items.append("".join([f"<li>{inline(whole)}", *_blocks(below[size:]), "</li>"]))
    first = _ITEM.fullmatch(lines[0])
    tag = "ol" if first and first[2] else "ul"
    return f"<{tag}>\n" + "\n".join(items) + f"\n</{tag}>"


def _table(lines: Sequence[str]) -> str:
    head, _, *rows = (
        [cell.strip() for cell in _CELLS.split(line.strip().strip("|"))] for line in lines
    )
    top = "".join(f"<th>{inline(cell)}</th>" for cell in head)
    below = "\n".join(
        "<tr>" + "".join(f"<td>{inline(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table>\n<tr>{top}</tr>\n{below}\n</table>"


def _ends_list(line: str) -> bool:
    # A line that is empty or indented still belongs to the item above it.
    return bool(line.strip()) and not line.startswith("  ") and not _ITEM.fullmatch(line)


def _ends_paragraph(line: str) -> bool:
    return (
        not line.strip()
        or _HEADING.fullmatch(line) is not None
        or _ITEM.fullmatch(line) is not None
        or line.lstrip().startswith("```")
    )
