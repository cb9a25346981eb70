"""
Rule files for Prometheus, vmalert and Mimir: from the catalogue's alerts and a site's thresholds.

A bot with a threshold of its own is taken out of the common comparison and gets one of its own;
nobody edits a rule to make it louder or quieter.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from ..catalog.alert_spec import Alert, Recording, RuleFile, RuleGroup, Threshold
from ..catalog.rules import RULE_FILES
from ..config.site import Site

FOLDER = "prometheus/rules"
WIDTH = 100


def rule_files(
    files: tuple[RuleFile, ...] = RULE_FILES, site: Site | None = None
) -> dict[str, str]:
    """Return the text of each rule file by its path, without a mark of its origin."""
    site = site or Site()
    return {f"{FOLDER}/{file.name}.yml": _text(file, site) for file in files}


def expression(alert: Alert, site: Site) -> str:
    """Return the whole condition of *alert* at *site*."""
    condition = alert.value
    if alert.threshold is not None:
        condition = _compared(alert, alert.threshold, site)
    if not alert.only_if:
        return condition
    on = f"on ({', '.join(alert.match)}) " if alert.match else ""
    return f"{_inner(condition)}\nand {on}({alert.only_if})"


def _compared(alert: Alert, threshold: Threshold, site: Site) -> str:
    common = number(site.thresholds.get(threshold.name, threshold.value))
    own = {
        bot: changed.thresholds[threshold.name]
        for bot, changed in sorted(site.bots.items())
        if threshold.name in changed.thresholds
    }
    value = _operand(alert.value)
    if not own:
        return f"{value} {alert.op} {common}"
    vectors = "\n  or ".join(
        f'label_replace(vector({number(each)}), "bot", "{bot}", "", "")'
        for bot, each in own.items()
    )
    others = f"({value} unless on (bot) ({vectors})) {alert.op} {common}"
    return f"{others}\nor {value} {alert.op} on (bot) group_left () ({vectors})"


def number(value: float) -> str:
    """Return *value* as PromQL reads it, without an exponent where a person would not write one."""
    return f"{value:.12g}"


def _operand(expr: str) -> str:
    return expr if expr.replace(":", "").replace("_", "").isalnum() else f"({expr})"


def _inner(expr: str) -> str:
    return f"({expr})" if "\nor " in expr else expr


def _text(file: RuleFile, site: Site) -> str:
    groups = [_group(group, site) for group in file.groups]
    return yaml.dump(
        {"groups": groups}, Dumper=Dumper, sort_keys=False, width=WIDTH, allow_unicode=True
    )


def _group(group: RuleGroup, site: Site) -> dict[str, Any]:
    interval = {"interval": group.interval} if group.interval else {}
    return {
        "name": group.name,
        **interval,
        "rules": [
            _recording(rule) if isinstance(rule, Recording) else _alert(rule, site)
            for rule in group.rules
        ],
    }


def _recording(rule: Recording) -> dict[str, Any]:
    labels = {"labels": dict(rule.labels)} if rule.labels else {}
    return {"record": rule.name, "expr": rule.expr, **labels}


def _alert(alert: Alert, site: Site) -> dict[str, Any]:
    times = {"for": alert.wait, "keep_firing_for": alert.keep}
    return {
        "alert": alert.name,
        "expr": expression(alert, site),
        **{key: value for key, value in times.items() if value},
        "labels": {
            "severity": alert.severity.value,
            "team": alert.team.value,
            **alert.labels,
        },
        "annotations": _annotations(alert, site),
    }


def _annotations(alert: Alert, site: Site) -> Mapping[str, str]:
    bot = "?var-bot={{ $labels.bot | urlquery }}" if "bot" in alert.match else ""
    return {
        "summary": alert.summary,
        "description": alert.description,
        "runbook_url": f"{site.links.runbooks.rstrip('/')}#{alert.name.lower()}",
        "dashboard_url": f"{site.links.grafana.rstrip('/')}/d/bot-exporter-{alert.dashboard}{bot}",
    }


class Dumper(yaml.SafeDumper):
    """Writes expressions of several lines as blocks."""


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


Dumper.add_representer(str, _string)
