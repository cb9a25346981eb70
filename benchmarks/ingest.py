"""Durable ingest over HTTP against the naive server, in turns so that both meet the same noise."""

import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

from .events import many_series
from .load import Plan
from .measure import anonymous_mib, cpu_seconds, sync_ms
from .servers import Server, exporter, naive, post, scrape, send

Start = Callable[[Path], AbstractContextManager[Server]]

SHAPES = {1: 64, 100: 16, 1000: 8}  # Events a request, connections.
# Eight thousand events at once would keep the naive server busy for seconds after the end.
NAIVE_CONNECTIONS = {1000: 2}
WARM_UP_SECONDS = 0.4
WARM_UP_SHAPE = (100, 4)
SERVERS: dict[str, Start] = {"bot_exporter": exporter, "naive": naive}


@dataclass(frozen=True, slots=True)
class Measured:
    """One server under one load."""

    cpu_us_per_event: float
    events_per_second: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Anonymous memory of the exporter, in MiB: with many series, and after all the load."""

    series: int
    filled_mib: float
    events: int
    loaded_mib: float


@dataclass(frozen=True, slots=True)
class Ingest:
    """All rounds: the median of each figure, the memory of the last, and the speed of the disk."""

    by_server: dict[tuple[str, int], Measured]
    memory: Memory
    sync_p50_ms: float
    sync_p99_ms: float

    def ratio(self, events_per_request: int) -> float:
        """Return how many times less processor an event costs than with the naive server."""
        ours = self.by_server["bot_exporter", events_per_request].cpu_us_per_event
        return self.by_server["naive", events_per_request].cpu_us_per_event / ours


def measure_ingest(*, rounds: int, seconds: float) -> Ingest:
    """Return the medians of *rounds* in which each server meets each load for *seconds*."""
    found: dict[tuple[str, int], list[Measured]] = defaultdict(list)
    memory = Memory(0, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        syncs = sync_ms(Path(scratch))
        for number in range(rounds):
            for name, start in SERVERS.items():
                with start(Path(scratch) / f"{name}-{number}") as server:
                    post(server, many_series())
                    filled = _series(scrape(server)), anonymous_mib(server.pid)
                    events = _all_shapes(name, server, seconds, found)
                    if name == "bot_exporter":
                        memory = Memory(*filled, events, anonymous_mib(server.pid))
    return Ingest(
        by_server={key: _median(values) for key, values in found.items()},
        memory=memory,
        sync_p50_ms=syncs[0],
        sync_p99_ms=syncs[1],
    )


def connections_of(name: str, events_per_request: int) -> int:
    """Return over how many connections a server gets a load."""
    usual = SHAPES[events_per_request]
    return NAIVE_CONNECTIONS.get(events_per_request, usual) if name == "naive" else usual


def _all_shapes(
    name: str, server: Server, seconds: float, found: dict[tuple[str, int], list[Measured]]
) -> int:
    """Measure every shape of load and return how many events were sent."""
    serials = count(step=1 << 32)
    size, connections = WARM_UP_SHAPE
    plan = Plan(server.port, server.token, size, connections, WARM_UP_SECONDS, next(serials))
    events = size * send(plan).requests
    for size in SHAPES:
        connections = connections_of(name, size)
        before = cpu_seconds(server.pid)
        plan = Plan(server.port, server.token, size, connections, seconds, next(serials))
        result = send(plan)
        used = cpu_seconds(server.pid) - before
        assert result.refused == 0, f"{name} refused {result.refused} of {result.requests} requests"
        done = size * result.requests
        events += done
        found[name, size].append(
            Measured(used / done * 1e6, done / result.seconds, result.p50_ms, result.p99_ms)
        )
    return events


def _median(values: list[Measured]) -> Measured:
    return Measured(
        median(m.cpu_us_per_event for m in values),
        median(m.events_per_second for m in values),
        median(m.p50_ms for m in values),
        median(m.p99_ms for m in values),
    )


def _series(body: bytes) -> int:
    return sum(not line.startswith(b"#") for line in body.splitlines())
