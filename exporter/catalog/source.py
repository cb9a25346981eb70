"""
YAML that remembers where everything stood.

A file is refused as a whole when it is not YAML, too large, nested too deeply or blown up by
aliases. Smaller mistakes (a key given twice, a tag) become problems of the document, so that
they are reported together with what its content gets wrong.

Scalars follow YAML 1.2, not 1.1: ``yes``, ``on``, ``2026-01-02`` and ``10:30`` are text, because
a bot may be called ``no``. Keys are always text.
"""

import math
import re
from dataclasses import dataclass, field

import yaml

from ..model.errors import ConfigError, Problem
from .document import Document, Path, Plain, dotted, quoted

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML without libyaml: slower, same answers.
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]  # the same loader, in Python

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 20_000  # After expanding aliases; a file written by hand stays far below.
LONGEST_NUMBER = 100  # Characters; beyond them Python may refuse to convert or to show it.

_TAG = "tag:yaml.org,2002:"


def load_yaml(text: str, file: str) -> Document:
    """
    Return the content of *text* with its positions.

    Raises:
        ConfigError: anything at all is wrong with it as YAML.
    """
    document = read_yaml(text, file)
    if document.problems:
        raise ConfigError(document.problems)
    return document


def read_yaml(text: str, file: str) -> Document:
    """
    Return the content of *text*; mistakes that leave the rest readable are in its problems.

    Raises:
        ConfigError: nothing of it can be read.
    """
    try:
        _check_size(text)
        _check_depth(text)
        builder = _Builder(file)
        root = _Core(text).get_single_node()
        value = None if root is None else builder.build(root, ())
    except yaml.YAMLError as error:
        raise ConfigError([_syntax_problem(error, file)]) from None
    except (_RefusedError, UnicodeError) as error:
        message = "holds half a surrogate pair; save it as UTF-8"
        message = error.message if isinstance(error, _RefusedError) else message
        line = error.line if isinstance(error, _RefusedError) else 0
        raise ConfigError([Problem(file=file, line=line, path="", message=message)]) from None
    problems = tuple(builder.problems)
    return Document(file=file, value=value, lines=builder.lines, problems=problems)


class _RefusedError(Exception):
    """The text is refused as a whole."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class _Core(_SafeLoader):
    """A safe loader that recognises the scalars of YAML 1.2."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  # PyYAML's own way to configure a loader.


for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9][0-9_]*|0x[0-9a-fA-F]+|0o[0-7]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:[0-9][0-9_]*\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+",
        list("-+.0123456789"),
    ),
):
    _Core.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_pattern})\Z"), _first)


@dataclass(slots=True)
class _Builder:
    """Turns YAML nodes into plain values and notes the line of each."""

    file: str
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def build(self, node: yaml.Node, path: Path) -> Plain:
        self.nodes += 1
        self.lines.setdefault(path, _line(node))
        if len(path) > MAX_DEPTH or self.nodes > MAX_NODES:
            message = f"holds more than {MAX_NODES:,} values or {MAX_DEPTH} levels"
            raise _RefusedError(f"{message}, aliases expanded; shorten it", _line(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            self._check_tag(node, path, "seq")
            return [self.build(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> Plain:
        self._check_tag(node, path, "map")
        result: dict[str, Plain] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            if key in result:
                first = self.lines[*path, key]
                message = f"given twice, first in line {first}; remove one of them"
                self._complain(key_node, (*path, key), message)
                continue
            self.lines[*path, key] = _line(key_node)
            result[key] = self.build(value_node, (*path, key))
        return result

    def _key(self, node: yaml.Node, path: Path) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self._complain(node, path, "a key is a list or mapping; write a name")
            return None
        if node.value == "<<":
            self._complain(node, path, "merge keys (<<) are not supported; write the keys out")
            return None
        return str(node.value)

    def _scalar(self, node: yaml.Node, path: Path) -> Plain:
        text = str(node.value)
        try:
            return _scalar_of(node.tag, text)
        except KeyError:
            self._complain(node, path, f"the tag {quoted(node.tag)} is not allowed; remove it")
        except ValueError:
            self._complain(
                node, path, f"{quoted(text)} is not a usable number; write a smaller one"
            )
        return None

    def _check_tag(self, node: yaml.Node, path: Path, expected: str) -> None:
        if node.tag != _TAG + expected:
            self._complain(node, path, f"the tag {quoted(node.tag)} is not allowed; remove it")

    def _complain(self, node: yaml.Node, path: Path, message: str) -> None:
        where = dotted(path)
        self.problems.append(Problem(file=self.file, line=_line(node), path=where, message=message))


def _scalar_of(tag: str, text: str) -> Plain:
    kind = tag.removeprefix(_TAG)
    if kind == "str":
        return text
    if len(text) > LONGEST_NUMBER:
        raise ValueError(text)
    if kind == "null":
        return None
    if kind == "bool":
        return {"true": True, "false": False}[text.lower()]
    if kind == "int":
        return int(text, {"0x": 16, "0o": 8}.get(text[:2], 10))
    if kind == "float" and math.isfinite(number := float(text)):
        return number
    if kind == "float":
        raise ValueError(text)
    raise KeyError(tag)


def _check_size(text: str) -> None:
    if len(text) > MAX_BYTES or len(text.encode()) > MAX_BYTES:
        raise _RefusedError(f"is larger than {MAX_BYTES:,} bytes; split or shorten it")


def _check_depth(text: str) -> None:
    """Stop at the first too deep event: composing recurses, and libyaml is slow down there."""
    depth = 0
    for event in yaml.parse(text, Loader=_Core):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise _RefusedError(f"is nested deeper than {MAX_DEPTH} levels; flatten it", line)


def _syntax_problem(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    line = mark.line + 1 if mark else 0
    column = f" near column {mark.column + 1}" if mark else ""
    message = f"is not valid YAML{column}: {reason}; check indentation, quotes and colons"
    return Problem(file=file, line=line, path="", message=message)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
