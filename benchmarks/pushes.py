"""
What bots would push to a Pushgateway to say the same as their events.

A Pushgateway cannot count: the bot counts and pushes its series. Here the naive exporter counts
the events of one request, beforehand, and what it would show is the push.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import prometheus_client as prometheus

from .events import BOTS, bodies, stamped
from .naive import steps

TEXT = "text/plain; version=0.0.4"
HEAD = (
    "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    f"Content-Type: {TEXT}\r\n"
    "Content-Length: {length}\r\n\r\n"
)
OURS = b"bot_"


def path_of(instance: str) -> str:
    """Return where a bot pushes: each has a group of its own."""
    return f"/metrics/job/bots/instance/{instance}"


def counted(body: bytes) -> bytes:
    """Return the series that the events of *body* move, in the text format."""
    prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
    registry = prometheus.CollectorRegistry()
    update = steps(registry)
    told = json.loads(body)
    for event in told if isinstance(told, list) else [told]:
        for step in update[event["type"]]:
            step(event)
    return moved(prometheus.generate_latest(registry))


def moved(text: bytes) -> bytes:
    """Return *text* without the families that have no series."""
    return b"".join(b"".join(family) for family in _families(text) if _has_series(family))


def pushable(text: bytes) -> bytes:
    """Return the families of *text* that a Pushgateway does not have itself."""
    return b"".join(
        b"".join(family)
        for family in _families(text)
        if _has_series(family) and family[-1].startswith(OURS)
    )


def pushes(events_per_request: int) -> list[tuple[str, str]]:
    """Return head and body of the pushes that say what requests of that size say."""
    requests = []
    for place, body in enumerate(bodies(events_per_request)):
        text = counted(stamped(body, place)).decode()
        # One process a bot pushes, to a group of its own: in one group they would replace each
        # other, and every further group would be one more copy of the series to hold.
        where = path_of(BOTS[place % len(BOTS)])
        requests.append((HEAD.format(path=where, length=len(text.encode())), text))
    return requests


def write_script(path: Path, events_per_request: int) -> Path:
    """Write the pushes to a file for the load generator."""
    path.write_text(json.dumps(pushes(events_per_request)))
    return path


def series_in(text: bytes) -> int:
    """Return the number of samples of a scrape."""
    return sum(not line.startswith(b"#") for line in text.splitlines() if line)


def _families(text: bytes) -> Iterator[list[bytes]]:
    """Yield the lines of each family: its comments, then its series."""
    lines: list[bytes] = []
    for line in text.splitlines(keepends=True):
        if line.startswith(b"#") and _has_series(lines):
            yield lines
            lines = []
        elif line.startswith(b"# HELP "):
            lines = []  # The family before had no series.
        lines.append(line)
    yield lines


def _has_series(lines: Iterable[bytes]) -> bool:
    return any(not line.startswith(b"#") for line in lines)
