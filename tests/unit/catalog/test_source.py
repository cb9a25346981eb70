"""YAML with positions: `exporter.catalog.source`."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.catalog.document import Document, dotted, refusal
from exporter.catalog.source import MAX_BYTES, MAX_DEPTH, load_yaml, read_yaml
from exporter.model.errors import ConfigError, Problem

TEXT = """\
# a comment
storage:
  path: data
bots:
  - name: ann
    platforms: [web]
  - name: bob
"""


def test_every_value_remembers_its_line() -> None:
    """The line of a key is where the key stands, of an entry where it begins."""
    document = load_yaml(TEXT, "c.yml")

    assert 3 == document.line(("storage", "path"))
    assert 7 == document.line(("bots", 1))
    assert 6 == document.line(("bots", 0, "platforms", 0))


def test_a_missing_key_is_reported_at_the_nearest_thing_around_it() -> None:
    """What is not there has the line of what it should be in."""
    document = load_yaml(TEXT, "c.yml")

    assert 5 == document.line(("bots", 0, "expected_silence_seconds"))
    assert 2 == document.line(("storage", "nothing", "below"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", "no"),
        ("on", "on"),
        ("2026-01-02", "2026-01-02"),
        ("10:30", "10:30"),
        ("true", True),
        ("~", None),
        ("", None),
        ("'5'", "5"),
        ("1_000", 1000),
        ("0x10", 16),
        ("010", 10),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".nan", ".nan"),
        ("[1, {a: b}]", [1, {"a": "b"}]),
        ("1: x", {"1": "x"}),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, expected: object) -> None:
    """Only true and false are boolean, and nothing is a date or a base-60 number."""
    assert expected == load_yaml(text, "c.yml").value


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: [1", 2, "is not valid YAML"),
        ("a: 1\n b: 2", 2, "is not valid YAML"),
        ("a: *nobody", 1, "is not valid YAML"),
        ("a: 1\n---\nb: 2", 2, "is not valid YAML"),
        ("a: \x00", 0, "is not valid YAML"),
        ("a: \ud800", 0, "surrogate"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), 1, "flatten it"),
        ("[" * 100_000, 1, "flatten it"),
        ("a: &a [*a]", 1, "aliases"),
        ("# " + "x" * MAX_BYTES, 0, "split or shorten it"),
        ("a: 1\na: 2", 2, "a: given twice, first in line 1; remove one of them"),
        ("a: !!python/object:os.system x", 1, "a: the tag"),
        ("a: !mine [1]", 1, "a: the tag"),
        ("? [a]\n: b", 1, "write a name"),
        ("a: &x {b: 1}\nc:\n  <<: *x", 3, "write the keys out"),
        ("a: " + "9" * 5000, 1, "write a smaller one"),
        ("a: 0x" + "f" * 5000, 1, "write a smaller one"),
        ("a: 1e999", 1, "write a smaller one"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(text: str, line: int, message: str) -> None:
    """A syntax error, a bomb or a tag is one problem with file, line and remedy."""
    with pytest.raises(ConfigError) as refused:
        load_yaml(text, "c.yml")

    [problem] = refused.value.problems
    assert ("c.yml", line) == (problem.file, problem.line)
    assert message in str(problem)


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    """Nine levels of nine aliases would make a billion values."""
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]

    with pytest.raises(ConfigError, match="aliases expanded; shorten it"):
        load_yaml("\n".join(levels), "c.yml")


def test_aliases_in_measure_are_fine() -> None:
    """An anchor saves writing a list twice."""
    assert {"a": [1], "b": [1]} == load_yaml("a: &x [1]\nb: *x", "c.yml").value


def test_small_mistakes_leave_the_rest_readable() -> None:
    """A key given twice is reported together with what the content gets wrong."""
    document = read_yaml("a: 1\na: 2\nb: !x 3\nc: 4", "c.yml")

    assert {"a": 1, "b": None, "c": 4} == document.value
    assert [2, 3] == [problem.line for problem in document.problems]


def test_paths_read_as_people_write_them() -> None:
    """Entries have brackets; a strange key is quoted and cannot break the line."""
    assert "bots[2].name" == dotted(("bots", 2, "name"))
    assert r"a.'x\ny'" == dotted(("a", "x\ny"))


def test_a_part_of_a_document_keeps_its_place_in_the_whole() -> None:
    """What is declared inline is reported below its section."""
    whole = load_yaml("catalog:\n  events:\n    - 1", "c.yml")
    part = Document(file="c.yml", value=None, lines=whole.lines, prefix=("catalog",))

    expected = Problem(file="c.yml", line=3, path="catalog.events[0]", message="no")

    assert expected == part.problem(("events", 0), "no")


def test_problems_are_sorted_and_never_more_than_a_page() -> None:
    """A thousand mistakes are reported as the first hundred and a number."""
    problems = [Problem(file="c.yml", line=n, path="", message="no") for n in range(1000, 0, -1)]

    refused = refusal(problems).problems

    assert list(range(1, 101)) == [problem.line for problem in refused[:100]]
    assert "900 more problems; correct these first" == refused[100].message


@given(st.text(alphabet=st.sampled_from("ab: -[]{}&*!|>'\"#\n,?1.%@\t\x00\ud800é"), max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    """Whatever the file holds, it is a document or a `ConfigError`."""
    with suppress(ConfigError):
        load_yaml(text, "c.yml")
