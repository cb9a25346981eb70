"""Pages of the documentation whose Python block is executed by a test."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
HOW_TO = ROOT / "docs" / "how-to"
LONGEST = 60

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """A page and the one block of Python in it."""

    name: str
    text: str

    def __str__(self) -> str:
        """Name a test case."""
        return self.name

    @property
    def python(self) -> str:
        """Return the block; a page with two would leave one untested."""
        (block,) = _BLOCK.findall(self.text)
        return str(block)


def page(name: str) -> Page:
    """Return a how-to."""
    return Page(name, (HOW_TO / name).read_text(encoding="utf-8"))


def pages_with_example() -> list[Page]:
    """Return the pages that show the short example: the README as soon as it does."""
    readme = Page("README.md", (ROOT / "README.md").read_text(encoding="utf-8"))
    return [page("send-from-python.md"), *([readme] if "```python" in readme.text else [])]
