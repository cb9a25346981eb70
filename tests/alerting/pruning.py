"""
Rule files with only those rules that a test asks for, directly or through other rules.

A promtool test evaluates every rule of its files at every step. Of a hundred recordings an alert
needs three; without the others the same test takes a tenth of the time.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Rule = dict[str, Any]
QUERIES = "promql_expr_test"
_INTEGER = "tag:yaml.org,2002:int"
_WORD = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")


class _Loader(yaml.CSafeLoader):
    """
    The safe loader of C, ten times as fast, with the integers of YAML 1.2.

    That of YAML 1.1 reads `0x40`, promtool's forty-one zeros, as the number 64.
    """


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _INTEGER]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_INTEGER, re.compile(r"[-+]?[0-9]+$"), list("-+0123456789"))


def write_pruned(
    test: Path, folder: Path, *, without: Collection[str] = (), queries: str = QUERIES
) -> Path:
    """
    Write *test* and the rules it needs below *folder*, as they lie beside each other.

    Args:
        test: A test file of promtool.
        folder: Takes the copy, whose path is returned.
        without: Names of cases that are left out; each must be there.
        queries: What the tool calls tests of expressions.
    """
    asked = _read(test)
    names = [case["name"] for case in asked["tests"]]
    assert set(without) <= set(names), f"{test.name} has no case {set(without) - set(names)}"
    cases = [
        {queries if key == QUERIES else key: value for key, value in case.items()}
        for case in asked["tests"]
        if case["name"] not in without
    ]
    files = {name: _read((test.parent / name).resolve()) for name in asked["rule_files"]}
    needed = reachable(set(_asked_for(asked)), [_rules(file) for file in files.values()])
    copy = folder / test.parent.name / test.name
    _write(copy, {**asked, "tests": cases})
    for name, file in files.items():
        _write(copy.parent / name, pruned(file, needed))
    return copy


def reachable(names: set[str], files: Iterable[Iterable[Rule]]) -> set[str]:
    """Return *names* and the names of all rules on which rules of these names depend."""
    rules = [rule for file in files for rule in file]
    known = {name_of(rule) for rule in rules}
    while True:
        words = {
            word
            for rule in rules
            if name_of(rule) in names
            for word in _WORD.findall(rule["expr"])
            if word in known
        }
        if words <= names:
            return names
        names = names | words


def pruned(file: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    """Return the rule file with the rules of these *names* only."""
    groups = [
        {**group, "rules": [rule for rule in group["rules"] if name_of(rule) in names]}
        for group in file["groups"]
    ]
    return {"groups": [group for group in groups if group["rules"]]}


def name_of(rule: Rule) -> str:
    """Return what a rule is called."""
    return str(rule.get("alert") or rule.get("record"))


@cache
def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(file.read_text(), _Loader)  # noqa: S506 - derived from the safe one
    return found


def _write(file: Path, content: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.dump(content, Dumper=yaml.CSafeDumper, sort_keys=False))


def _rules(file: Mapping[str, Any]) -> list[Rule]:
    return [rule for group in file["groups"] for rule in group["rules"]]


def _asked_for(test: Mapping[str, Any]) -> Iterator[str]:
    for case in test["tests"]:
        for alert in case.get("alert_rule_test", ()):
            yield alert["alertname"]
        for query in case.get(QUERIES, ()):
            yield from _WORD.findall(query["expr"])
