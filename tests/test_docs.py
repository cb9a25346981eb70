"""Documentation tests: what the documents, dashboards and rules mention exists."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from exporter.bundle.lint import Known, Text, findings_in, known_names
from exporter.catalog.builtin import CATALOG
from tests import mentions
from tests.mentions import Command

ROOT = Path(__file__).parent.parent
OF_PROMETHEUS = "--storage.tsdb."  # Flags of another program, which our pages advise.
README_LINES = 250  # two screens too long is not read
FOLDERS = frozenset(
    (".ci", "alertmanager", "benchmarks", "docs", "exporter", "grafana", "prometheus", "tests")
)


def documents() -> list[Path]:
    """Return every Markdown file that describes the present; the changelog speaks of the past."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def bundle() -> list[Path]:
    """Return the dashboards and the rules."""
    dashboards = (ROOT / "grafana").rglob("*.json")
    return sorted([*dashboards, *(ROOT / "prometheus").rglob("*.yml")])


@cache
def known() -> Known:
    """Return the series that exist, those our own rules record included."""
    return known_names([text_of(file) for file in [*documents(), *bundle()]], CATALOG)


def text_of(file: Path) -> Text:
    """Return the file as the command check-bundle reads it."""
    return Text(by_name(file), file.read_text(encoding="utf-8"))


@cache
def cli_help(subcommand: str) -> str:
    """Return what ``bot-exporter SUBCOMMAND --help`` prints; nothing when it is refused."""
    program = str(Path(sys.executable).with_name("bot-exporter"))
    call = [program, *([subcommand] if subcommand else []), "--help"]
    return subprocess.run(call, capture_output=True, text=True, check=False).stdout


def is_documented(command: Command) -> bool:
    """Tell whether the command line knows the subcommand and each of its flags."""
    text = cli_help(command.name)
    if not command.name:  # a flag alone: any subcommand may own it
        names = re.findall(r"^ {2,}([a-z][a-z-]*)\b", text, re.MULTILINE)
        text += "".join(cli_help(name) for name in names if command.flags)
    known = set(re.findall(r"(?<!\S)--[a-z][\w.-]*", re.sub(r"[\[\]|,=]", " ", text)))
    ours = {flag for flag in command.flags if not flag.startswith(OF_PROMETHEUS)}
    return bool(text) and known.issuperset(ours)


def resolves(link: str, document: Path) -> bool:
    """Tell whether a relative link leads to a file, and its anchor to a heading."""
    file, _, anchor = link.partition("#")
    target = (document.parent / file).resolve() if file else document
    if not anchor or target.suffix != ".md":
        return target.exists()
    return target.exists() and anchor in mentions.anchors(target.read_text(encoding="utf-8"))


def by_name(path: Path) -> str:
    """Name a test case after its file."""
    return path.relative_to(ROOT).as_posix()


def test_the_readme_is_short_enough_to_be_read() -> None:
    """Everything longer moves to docs/."""
    assert README_LINES >= len((ROOT / "README.md").read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("document", documents(), ids=by_name)
def test_mentioned_make_targets_exist(document: Path) -> None:
    """A reader can copy every ``make`` call."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    existing = set(re.findall(r"^([a-z][a-z-]*):(?!=)", makefile, re.MULTILINE))

    mentioned = mentions.make_targets(document.read_text(encoding="utf-8"))

    assert set() == mentioned - existing


@pytest.mark.parametrize("document", documents(), ids=by_name)
def test_mentioned_commands_and_flags_exist(document: Path) -> None:
    """A reader can copy every ``bot-exporter`` call."""
    mentioned = mentions.commands(document.read_text(encoding="utf-8"))

    assert [] == [command for command in mentioned if not is_documented(command)]


@pytest.mark.parametrize("document", documents(), ids=by_name)
def test_mentioned_paths_exist(document: Path) -> None:
    """A reader finds every file of the repository we name."""
    mentioned = mentions.paths(document.read_text(encoding="utf-8"), folders=FOLDERS)

    assert [] == sorted(path for path in mentioned if not any(ROOT.glob(path)))


@pytest.mark.parametrize("file", [*documents(), *bundle()], ids=by_name)
def test_mentioned_metrics_are_in_the_catalogue(file: Path) -> None:
    """A dashboard, rule or document never speaks of a metric nobody exposes."""
    found = findings_in(text_of(file), known())

    assert [] == [str(finding) for finding in found]


@pytest.mark.parametrize("document", [*documents(), ROOT / "CHANGELOG.md"], ids=by_name)
def test_internal_links_resolve(document: Path) -> None:
    """No link of ours is dead, anchors included."""
    found = mentions.links(document.read_text(encoding="utf-8"))

    assert [] == sorted(link for link in found if not resolves(link, document))


def test_a_dead_link_is_noticed(tmp_path: Path) -> None:
    """The check of links can fail, in the file and in the anchor."""
    page = tmp_path / "page.md"
    page.write_text("# Start\n", encoding="utf-8")

    assert resolves("page.md#start", page)
    assert not resolves("page.md#end", page)
    assert not resolves("other.md", page)
