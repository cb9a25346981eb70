"""The rule files as Prometheus reads them, for checks that hold for every rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

RULES = "prometheus/rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule with the file it stands in; either *record* or *alert* names it."""

    file: str
    expr: str
    record: str = ""
    alert: str = ""
    wait: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the name, whichever kind of rule it is."""
        return self.record or self.alert


def rules_of(file: str, text: str) -> Iterator[Rule]:
    """Yield the rules of a rule file called *file*."""
    for group in yaml.safe_load(text)["groups"]:
        for rule in group["rules"]:
            yield _rule(file, rule)


def all_rules(root: Path) -> tuple[Rule, ...]:
    """Return every rule of the bundle in the checkout *root*."""
    files = sorted((root / RULES).glob("*.yml"))
    return tuple(rule for file in files for rule in rules_of(file.name, file.read_text("utf-8")))


def alerts_of(rules: tuple[Rule, ...]) -> dict[str, Rule]:
    """Return one rule for each alert; those of objectives have several."""
    return {rule.alert: rule for rule in rules if rule.alert}


def _rule(file: str, rule: Mapping[str, Any]) -> Rule:
    return Rule(
        file=file,
        expr=rule["expr"],
        record=rule.get("record", ""),
        alert=rule.get("alert", ""),
        wait=rule.get("for", ""),
        labels=rule.get("labels", {}),
        annotations=rule.get("annotations", {}),
    )
