"""
Alertmanager's configuration: the committed one, which needs no secret, and a site's own.

Alertmanager expands no environment variables, so everything of a site is written out; secrets
stay in files wherever the version can read them from there.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import get_args
from urllib.parse import quote

import yaml

from ..catalog.alert_spec import Severity
from ..config.site import Site
from ..config.site_alerting import Alerting, Day, Hours
from .receivers import Secrets, Tree, authorization, receiver, url_from
from .rules import Dumper

FILE = "alertmanager/alertmanager.yml"
TEMPLATES = "alertmanager/templates"
EXPORTER, DEADMAN, NOBODY = "exporter", "deadman", "nobody"
OFFICE, NIGHT = "office_hours", "outside_office_hours"
TEST_LABEL = "receiver_test"  # `bot-exporter test-page` reaches any receiver by it.
_DEFINE = '{{ define "bot.ack_base" }}'
TEST_TIMES = {"group_wait": "0s", "group_interval": "10s"}  # Its resolve comes at once, too.
SECOND_LINE = "AlertUnacknowledged"
WATCHDOG = "Watchdog"


def read_secret(file: str) -> str:
    """
    Return the secret in *file*.

    Raises:
        OSError: it cannot be read.
    """
    return Path(file).read_text("utf-8").strip()


def alertmanager_files(site: Site | None = None, secrets: Secrets = read_secret) -> dict[str, str]:
    """
    Return the text of Alertmanager's files by path, without a mark of their origin.

    Args:
        site: Who is told of what; None renders the committed file.
        secrets: Reads a secret that this version of Alertmanager cannot read itself.
    """
    alerting = (site or Site()).alerting
    tree = configuration(alerting, secrets)
    return {
        FILE: yaml.dump(tree, Dumper=Dumper, sort_keys=False, width=100, allow_unicode=True),
        f"{TEMPLATES}/site.tmpl": f"{_DEFINE}{_ack_base(alerting)}{{{{ end }}}}\n",
        f"{TEMPLATES}/bot_exporter.tmpl": _texts(),
    }


def configuration(alerting: Alerting, secrets: Secrets = read_secret) -> Tree:
    """Return the whole configuration as plain data."""
    return {
        "global": {"resolve_timeout": "5m"},
        "templates": [alerting.templates],
        "route": _root(alerting),
        "inhibit_rules": inhibitions(),
        "time_intervals": list(_intervals(alerting.hours)),
        "receivers": [
            {"name": EXPORTER, "webhook_configs": [_to_exporter(alerting)]},
            {"name": DEADMAN, "webhook_configs": _deadman(alerting, secrets)},
            {"name": NOBODY},
            *(receiver(each, alerting.profile, secrets) for each in alerting.receivers),
        ],
    }


def _ack_base(alerting: Alerting) -> str:
    # Nothing in it can end the template's text or an attribute around it.
    return quote(alerting.ack_url.rstrip("/"), safe=":/.-_~[]%")


def _texts() -> str:
    return (files(__package__) / "templates" / "bot_exporter.tmpl").read_text("utf-8")


def _root(alerting: Alerting) -> Tree:
    return {
        "receiver": EXPORTER,
        "group_by": ["alertname", "bot"],
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "4h",
        "routes": list(_routes(alerting)),
    }


def _routes(alerting: Alerting) -> Iterator[Tree]:
    yield _route(
        DEADMAN,
        f'alertname="{WATCHDOG}"',
        group_wait="0s",
        group_interval="1m",
        repeat_interval="1m",
    )
    for each in alerting.receivers:
        yield _route(each.name, f'{TEST_LABEL}="{each.name}"', **TEST_TIMES)
    # The history hears of everything, muted or not, and before anybody can follow a link to it.
    every = _route(EXPORTER, 'severity=~".+"', group_wait="0s", group_interval="10s")
    yield {**every, "continue": True}
    routes = alerting.routes
    critical = f'severity="{Severity.CRITICAL.value}"'
    second = routes.second_line or routes.critical
    yield _route(second or NOBODY, f'alertname="{SECOND_LINE}"', group_wait="10s")
    yield _route(routes.critical or NOBODY, critical, group_wait="10s")
    yield _route(
        routes.business or NOBODY,
        'kind="business"',
        group_by=["team"],
        group_wait="10m",
        repeat_interval="24h",
        active_time_intervals=[OFFICE],
    )
    is_muted = not alerting.warnings_at_night and any(_night(alerting.hours))
    muted = {"mute_time_intervals": [NIGHT]} if is_muted else {}
    yield _route(routes.warning or NOBODY, f'severity="{Severity.WARNING.value}"', **muted)
    yield _route(NOBODY, 'severity=~"info|none"')


def _route(name: str, matcher: str, **settings: object) -> Tree:
    return {"receiver": name, "matchers": [matcher], **settings}


def inhibitions() -> list[Tree]:
    """
    Return which alerts say nothing while another one fires.

    A label in ``equal`` that both lack counts as equal; so both sides must have it.
    """
    one_bot = 'bot=~".+"'
    return [
        {
            "source_matchers": ['alertname="ExporterDown"'],
            "target_matchers": ['depends_on="exporter"'],
        },
        {
            "source_matchers": ['slo_burn="fast"', one_bot],
            "target_matchers": ['symptom_of="slo"', one_bot],
            "equal": ["bot"],
        },
        {
            "source_matchers": ['slo_burn="slow"', one_bot],
            "target_matchers": ['slo_burn="trickle"', one_bot],
            "equal": ["bot", "slo"],
        },
        {
            "source_matchers": ['alertname="BotDown"', one_bot],
            "target_matchers": ['severity=~"warning|info"', one_bot],
            "equal": ["bot"],
        },
    ]


def _to_exporter(alerting: Alerting) -> Tree:
    url = f"{alerting.exporter_url.rstrip('/')}/api/v1/alerts"
    config: Tree = {"url": url, "send_resolved": True, "max_alerts": 100}
    if alerting.exporter_token_file:
        config["http_config"] = authorization(alerting.exporter_token_file)
    return config


def _deadman(alerting: Alerting, secrets: Secrets) -> list[Tree]:
    ways = [{**_to_exporter(alerting), "send_resolved": False}]
    if alerting.deadman_url_file:
        heartbeat = url_from(alerting.deadman_url_file, alerting.profile, secrets)
        ways.append({**heartbeat, "send_resolved": False})
    return ways


def _intervals(hours: Hours) -> Iterator[Tree]:
    times = {"start_time": hours.start, "end_time": hours.end}
    office = {"weekdays": list(hours.days), "times": [times], "location": hours.location}
    yield {"name": OFFICE, "time_intervals": [office]}
    if night := list(_night(hours)):
        yield {"name": NIGHT, "time_intervals": night}


def _night(hours: Hours) -> Iterator[Tree]:
    """Yield what is not office hours: before, after, and the other days."""
    for start, end in (("00:00", hours.start), (hours.end, "24:00")):
        if start < end:
            times = [{"start_time": start, "end_time": end}]
            yield {"times": times, "location": hours.location}
    others = [day for day in get_args(Day) if day not in hours.days]
    if others:
        yield {"weekdays": others, "location": hours.location}
