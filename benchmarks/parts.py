"""The parts of a run by name, in the order in which they are measured."""

from collections.abc import Callable

from .connections import connections_part
from .contention import contention_part
from .decode import decode_part
from .ingest import ingest_part
from .pushgateway import CHECKED, pushgateway_part
from .scale import Scale
from .scrape import scrape_part
from .section import Section
from .series import series_part
from .servers import Start

Part = Callable[[Scale], Section]

NAMES = (
    # The first two need a process without much in its memory.
    "scrape",
    "decode",
    "ingest",
    "pushgateway",
    "series",
    "connections",
    "contention",
)
NEED_PUSHGATEWAY = frozenset({"pushgateway", "series"})


def part(name: str, peers: dict[str, Start]) -> Part:
    """Return the part called *name*; *peers* are the servers that take pushes."""
    known: dict[str, Part] = {
        "scrape": scrape_part,
        "decode": decode_part,
        "ingest": ingest_part,
        "pushgateway": lambda scale: pushgateway_part(scale, peers),
        "series": lambda scale: series_part(scale, peers[CHECKED]),
        "connections": connections_part,
        "contention": contention_part,
    }
    return known[name]
