"""Servers under load, in turns so that all of them meet the same noise."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from .events import many_series
from .load import Plan
from .measure import Spread, anonymous_mib, cpu_seconds, cpu_since, ratio, spread, sync_ms
from .pushes import series_in
from .servers import Server, Start, exporter, post, scrape, send


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a load."""

    events_per_request: int
    connections: int


WARM_UP = Shape(100, 4)


@dataclass(frozen=True, slots=True)
class Contestant:
    """
    A server and what it meets.

    Args:
        start: Starts it.
        shapes: The loads, in this order.
        fill: Gives it the series it has before the load.
        scripts: Files of requests made in advance, by events a request; else it gets the events.
    """

    start: Start
    shapes: tuple[Shape, ...]
    fill: Callable[[Server], None]
    scripts: Mapping[int, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """One server under one load."""

    cpu_us_per_event: float
    events_per_second: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Footprint:
    """Series and anonymous memory, before the load and after all of it."""

    series: int
    filled_mib: float
    events: int
    loaded_series: int
    loaded_mib: float


@dataclass(slots=True)
class Record:
    """All rounds of one server."""

    loads: dict[Shape, list[Measured]] = field(default_factory=lambda: defaultdict(list))
    footprints: list[Footprint] = field(default_factory=list)

    def figures(self, shape: Shape, name: str) -> list[float]:
        """Return one figure of every round."""
        return [getattr(measured, name) for measured in self.loads[shape]]

    def spread(self, shape: Shape, name: str) -> Spread:
        """Return the median and range of one figure."""
        return spread(self.figures(shape, name))


@dataclass(frozen=True, slots=True)
class Contest:
    """All rounds of all servers, and how long the disk took to sync before them."""

    records: dict[str, Record]
    sync_p99_ms: float

    def cpu_ratio(self, ours: str, other: str, size: int) -> Spread:
        """Return how many times less processor *ours* takes for an event than *other*."""
        return ratio(
            self._of(other, size, "cpu_us_per_event"), self._of(ours, size, "cpu_us_per_event")
        )

    def rate_ratio(self, ours: str, other: str, size: int) -> Spread:
        """Return how many times more events a second *ours* takes than *other*."""
        return ratio(
            self._of(ours, size, "events_per_second"), self._of(other, size, "events_per_second")
        )

    def _of(self, name: str, size: int, figure: str) -> list[float]:
        """Return a figure under the load of *size* events a request."""
        record = self.records[name]
        shape = next(shape for shape in record.loads if shape.events_per_request == size)
        return record.figures(shape, figure)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many rounds there are, and how long a load lasts, and one that warms up."""

    rounds: int
    seconds: float
    warm_up_seconds: float


def compete(contestants: Mapping[str, Contestant], pace: Pace) -> Contest:
    """Return all rounds, in each of which every server meets each of its loads."""
    records = {name: Record() for name in contestants}
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        # Only now is the disk idle: after a round it still writes what that left behind.
        _, sync_p99_ms = sync_ms(Path(scratch))
        for number in range(pace.rounds):
            for name, contestant in contestants.items():
                with contestant.start(Path(scratch) / f"{name}-{number}") as server:
                    _one_round(contestant, server, pace, records[name])
    return Contest(records, sync_p99_ms)


def ours(shapes: Sequence[Shape]) -> Contestant:
    """Return bot_exporter as it comes."""
    return Contestant(exporter, tuple(shapes), fill=lambda server: post(server, many_series()))


def under(server: Server, plan: Plan) -> tuple[Measured, int]:
    """Return what a load took of the server, and how many events it brought."""
    before = cpu_seconds(server.pid)
    result = send(plan)
    used = cpu_since(server.pid, before)
    assert result.refused == 0, f"refused {result.refused} of {result.requests} requests"
    events = plan.events_per_request * result.requests
    rate = events / result.seconds
    return Measured(used / events * 1e6, rate, result.p50_ms, result.p99_ms), events


def _one_round(contestant: Contestant, server: Server, pace: Pace, record: Record) -> None:
    contestant.fill(server)
    series, filled_mib = series_in(scrape(server)), anonymous_mib(server.pid)
    serials = count(step=1 << 32)
    total = 0
    for shape in (WARM_UP, *contestant.shapes):
        plan = Plan(
            port=server.port,
            token=server.token,
            events_per_request=shape.events_per_request,
            connections=shape.connections,
            seconds=pace.warm_up_seconds if shape is WARM_UP else pace.seconds,
            first_serial=next(serials),
            script=str(contestant.scripts.get(shape.events_per_request, "")),
        )
        measured, events = under(server, plan)
        total += events
        if shape is not WARM_UP:
            record.loads[shape].append(measured)
    loaded_mib = anonymous_mib(server.pid)
    loaded = series_in(scrape(server))
    record.footprints.append(Footprint(series, filled_mib, total, loaded, loaded_mib))
