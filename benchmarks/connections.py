"""How ingest grows with the number of connections."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from .contest import Pace, Shape, compete, ours
from .ingest import OURS, load_table
from .scale import Scale
from .section import Section


def connections_part(scale: Scale) -> Section:
    """Send one event a request over few and over many connections."""
    shapes = [Shape(1, connections) for connections in scale.connections]
    with _many_files():
        contest = compete(
            {OURS: ours(shapes)},
            Pace(scale.growth_rounds, scale.load_seconds, scale.warm_up_seconds),
        )
    return Section("Growth with connections", (), tuple(load_table(contest.records)))


@contextmanager
def _many_files() -> Iterator[None]:
    """Let the server and the load have more than a thousand connections."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
