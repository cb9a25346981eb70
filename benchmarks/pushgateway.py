"""The same events against a Pushgateway, to which bots push what they have counted themselves."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.support.server import ROOT

from .contest import Contest, Contestant, Pace, Shape, compete, ours
from .events import many_series
from .ingest import OURS, load_table
from .pushes import TEXT, counted, path_of, write_script
from .scale import Scale
from .section import Goal, Section, table
from .servers import Server, Start, gateway, post_to

CHECKED, UNCHECKED = "pushgateway", "pushgateway, unchecked"
SHAPES = (Shape(1, 64), Shape(100, 16))
INSTALL = "benchmarks/install-pushgateway.sh"
NOTE = (
    "- A push is no event: a Pushgateway does not count, it replaces values.",
    "  The bot has to count, and a restart of the bot begins at 0.",
    "  Here a push carries only the series that the events of one request move;",
    "  a real bot has to push whole families, because a push replaces the family in its group.",
    "- It knows no duplicates, checks no event, and keeps everything in memory, its default:",
    "  what it acknowledged is lost with the process. Ours is on disk before the answer.",
    "  Debian's package writes a file every five minutes by default; here it is off.",
    "- Checked is the default: each push is compared with everything stored.",
    "  Unchecked (`--push.disable-consistency-check`) it answers before the push is applied.",
    "- Each of six bots pushes to a group of its own.",
)


def program() -> Path:
    """Return where the Pushgateway is installed."""
    places = f"{ROOT}/.tools/usr/bin{os.pathsep}{os.environ['PATH']}"
    names = ("prometheus-pushgateway", "pushgateway")
    found = next(filter(None, (shutil.which(name, path=places) for name in names)), None)
    if found is None:
        raise SystemExit(f"There is no Pushgateway here: run {INSTALL}")
    return Path(found)


def installed() -> dict[str, Start]:
    """Return the installed Pushgateway as it comes, and without its checks."""
    path = program()
    return {
        CHECKED: gateway(path),
        UNCHECKED: gateway(path, "--push.disable-consistency-check"),
    }


def push(server: Server, text: bytes) -> None:
    """Push *text* as one group."""
    post_to(server, path_of("fill"), text, {"Content-Type": TEXT})


def pushgateway_part(scale: Scale, peers: dict[str, Start]) -> Section:
    """Compare with *peers*, which take pushes."""
    filling = partial(push, text=counted(many_series()))
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        sizes = [shape.events_per_request for shape in SHAPES]
        scripts = {size: write_script(Path(scratch) / f"{size}.json", size) for size in sizes}
        pushing = {
            name: Contestant(start, SHAPES, filling, scripts) for name, start in peers.items()
        }
        contest = compete(
            {OURS: ours(SHAPES), **pushing},
            Pace(scale.rounds, scale.load_seconds, scale.warm_up_seconds),
        )
    return Section(
        "Ingest against the Pushgateway",
        tuple(_goals(contest, peers)),
        (
            *load_table(contest.records),
            *_ratios(contest, peers),
            *NOTE,
            *_series(contest),
        ),
    )


def _goals(contest: Contest, peers: dict[str, Start]) -> Iterator[Goal]:
    for name in peers:
        for shape in SHAPES:
            size = shape.events_per_request
            figure = contest.cpu_ratio(OURS, name, size)
            events = "1 event" if size == 1 else f"{size} events"
            yield Goal(f"{events} a request against {name}", figure, "x", 1, at_least=True)


def _ratios(contest: Contest, peers: dict[str, Start]) -> Iterator[str]:
    yield from table(
        ("bot_exporter against", "events a request", "less CPU an event", "more events/s"),
        (
            (
                name,
                str(shape.events_per_request),
                f"{contest.cpu_ratio(OURS, name, shape.events_per_request):.2f} x",
                f"{contest.rate_ratio(OURS, name, shape.events_per_request):.2f} x",
            )
            for name in peers
            for shape in SHAPES
        ),
    )


def _series(contest: Contest) -> Iterator[str]:
    for name, record in contest.records.items():
        last = record.footprints[-1]
        yield f"- Series of {name}: {last.series:,} before the load, {last.loaded_series:,} after."
