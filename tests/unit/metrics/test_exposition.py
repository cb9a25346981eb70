"""Scrapes over HTTP: negotiation, compression and sharing: `exporter.metrics.exposition`."""

import asyncio
import gzip
import zlib
from collections.abc import Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from exporter.catalog.own import (
    EVENTS_ACCEPTED,
    EVENTS_DUPLICATE,
    EVENTS_RECEIVED,
    EVENTS_REJECTED,
    SCRAPE_DURATION,
    SCRAPE_SIZE,
)
from exporter.metrics import exposition, gzipping
from exporter.metrics.exposition import OPENMETRICS, TEXT, Exposition

from .full import full_world
from .parsers import parsed
from .test_guard import track
from .world import World, read

PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)


class Scrapes:
    """An exposition of a world that counts and announces its renderings."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.begun = 0
        self.exposition = Exposition(
            world.renderer, world.own, now=lambda: 0.0, refresh=self._refresh
        )

    def _refresh(self) -> None:
        self.begun += 1

    async def get(self, accept: str = "", encoding: str = "") -> web.Response:
        """Scrape with these headers."""
        wanted = {"Accept": accept, "Accept-Encoding": encoding}
        headers = {name: value for name, value in wanted.items() if value}
        return await self.exposition.handle(make_mocked_request("GET", "/metrics", headers))

    async def text(self) -> str:
        """Return the page in the text format."""
        return body(await self.get()).decode()


def body(response: web.Response) -> bytes:
    """Return the bytes that were answered."""
    assert isinstance(response.body, bytes)
    return response.body


async def until(condition: Callable[[], bool]) -> None:
    """Let other tasks run until *condition* holds."""
    while not condition():  # noqa: ASYNC110 - nothing but the renderings decides when
        await asyncio.sleep(0)


@pytest.fixture
def scrapes() -> Scrapes:
    """Return an exposition of a small world."""
    world = World()
    world.send(track("a"))
    return Scrapes(world)


@pytest.fixture
def step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let other tasks run after every piece, on a fast machine as well."""
    monkeypatch.setattr(exposition, "STEP_SECONDS", -1.0)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", TEXT),
        ("*/*", TEXT),
        ("text/plain;version=0.0.4", TEXT),
        (PROMETHEUS, OPENMETRICS),
        ("application/openmetrics-text", OPENMETRICS),
        ("Application/OpenMetrics-Text; version=1.0.0", OPENMETRICS),
        ("text/plain, application/openmetrics-text;q=0.001", OPENMETRICS),
        ("application/openmetrics-text;q=0", TEXT),
        ("application/openmetrics-text; version=1.0.0; q=0.000, text/plain", TEXT),
        ("application/openmetrics-texts", TEXT),
        (";;,,q=1", TEXT),
    ],
)
async def test_the_format_is_the_one_that_is_asked_for(
    scrapes: Scrapes, accept: str, form: str
) -> None:
    """OpenMetrics when it is listed and not ruled out, else text."""
    response = await scrapes.get(accept)

    assert form == response.headers["Content-Type"]
    assert "Accept, Accept-Encoding" == response.headers["Vary"]
    assert (form == OPENMETRICS) is body(response).endswith(b"\n# EOF\n")


@pytest.mark.parametrize(
    ("encoding", "zipped"),
    [
        ("", False),
        ("gzip", True),
        ("deflate, gzip;q=0.5", True),
        ("GZIP", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0, identity", False),
        ("br, zstd", False),
    ],
)
async def test_the_answer_is_compressed_when_it_may_be(
    scrapes: Scrapes, encoding: str, *, zipped: bool
) -> None:
    """A scraper that rules gzip out gets plain bytes."""
    response = await scrapes.get(encoding=encoding)

    assert ("gzip" if zipped else None) == response.headers.get("Content-Encoding")
    plain = gzip.decompress(body(response)) if zipped else body(response)
    assert b'bot_tracked_total{bot="shop",name="a"} 1\n' in plain


async def test_a_compressed_page_holds_what_the_plain_one_does() -> None:
    """The stream is cut into pieces and must come together again."""
    scrapes = Scrapes(full_world())

    plain = read(body(await scrapes.get()).decode())
    zipped = read(gzip.decompress(body(await scrapes.get(encoding="gzip"))).decode())

    assert plain.keys() == zipped.keys()
    changed = {name for name, value in plain.items() if value != zipped[name]}
    assert not {
        name
        for name in changed
        if not name.startswith(("process_", "python_gc", "bot_exporter_scrape"))
    }


@pytest.mark.parametrize("library", ["installed", "standard"])
def test_either_library_writes_gzip(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra `speed` is optional, and its stream is the same format."""
    if library == "standard":
        monkeypatch.setattr(gzipping, "zlib", zlib)
    stream = gzipping.compressor()

    pieces = [stream.compress(b"one " * 5_000), stream.compress(b""), stream.compress(b"two")]
    data = b"".join([*pieces, stream.flush()])

    assert b"one " * 5_000 + b"two" == gzip.decompress(data)
    assert len(data) < 1_000


async def test_process_metrics_are_part_of_the_page(scrapes: Scrapes) -> None:
    """Both formats stay one valid page with the families of the library at their end."""
    text = body(await scrapes.get()).decode()
    openmetrics = body(await scrapes.get(PROMETHEUS)).decode()

    for families in (parsed(text, openmetrics=False), parsed(openmetrics, openmetrics=True)):
        names = [family.name for family in families]
        assert len(names) == len(set(names))
        assert {"bot_tracked", "process_cpu_seconds", "python_info"} <= set(names)
        assert not [name for name in names if name.endswith("_created")]


async def test_the_page_tells_what_the_last_rendering_took(scrapes: Scrapes) -> None:
    """Size is counted before compression."""
    size = len(body(await scrapes.get()))
    first = scrapes.world.own.value(SCRAPE_SIZE)

    await scrapes.get(encoding="gzip")

    assert size == first
    assert scrapes.world.own.value(SCRAPE_SIZE) > size  # It now shows the two gauges.
    assert scrapes.world.own.value(SCRAPE_DURATION) > 0


@pytest.mark.usefixtures("step_by_step")
async def test_scrapes_that_come_during_a_rendering_share_the_next_one(scrapes: Scrapes) -> None:
    """A crowd of scrapers costs one at a time."""
    async with asyncio.TaskGroup() as group:
        first = group.create_task(scrapes.text())
        await until(lambda: scrapes.begun == 1)
        crowd = [group.create_task(scrapes.text()) for _ in range(10)]

    assert 2 == scrapes.begun
    assert {crowd[0].result()} == {task.result() for task in crowd}
    assert first.result() != crowd[0].result()


@pytest.mark.usefixtures("step_by_step")
async def test_no_scrape_gets_a_rendering_that_began_before_it_asked(scrapes: Scrapes) -> None:
    """What was acknowledged before a scrape is in it."""
    name = 'bot_tracked_total{bot="shop",name="a"}'
    async with asyncio.TaskGroup() as group:
        asked = []
        for turn in range(1, 8):
            asked.append(group.create_task(scrapes.text()))
            await until(lambda turn=turn: scrapes.begun >= turn)  # type: ignore[misc]
            scrapes.world.send(track("a"))

    for acknowledged, task in enumerate(asked, start=1):
        assert read(task.result())[name] >= acknowledged


async def test_the_formats_are_rendered_one_after_the_other(scrapes: Scrapes) -> None:
    """Scrapers that want different bytes do not share, nor do they render at the same time."""
    async with asyncio.TaskGroup() as group:
        forms = [("", ""), ("", "gzip"), (PROMETHEUS, ""), (PROMETHEUS, "gzip")]
        tasks = [group.create_task(scrapes.get(*form)) for form in forms * 3]

    assert 4 == scrapes.begun
    assert 4 == len({body(task.result()) for task in tasks})


@pytest.mark.usefixtures("step_by_step")
async def test_a_scraper_that_gives_up_does_not_take_the_others_along(scrapes: Scrapes) -> None:
    """Its rendering goes on, because somebody else may share it."""
    first = asyncio.create_task(scrapes.text())
    second = asyncio.create_task(scrapes.text())
    await until(lambda: scrapes.begun == 1)

    first.cancel()
    page = await second

    assert first.cancelled()
    assert "bot_tracked_total" in page
    assert 1 == scrapes.begun


@pytest.mark.usefixtures("step_by_step")
async def test_sums_agree_in_a_scrape_while_events_come_in(scrapes: Scrapes) -> None:
    """The exporter's own counters are one moment, however long the rendering takes."""
    own = scrapes.world.own

    async def ingest() -> None:
        while True:
            own.add(EVENTS_RECEIVED, by=3)
            for metric in (EVENTS_ACCEPTED, EVENTS_DUPLICATE, EVENTS_REJECTED):
                own.add(metric)
            await asyncio.sleep(0)

    busy = asyncio.create_task(ingest())
    pages = [read(await scrapes.text()) for _ in range(5)]
    busy.cancel()

    totals = [page["bot_exporter_events_received_total"] for page in pages]
    assert totals == sorted(set(totals))
    for page in pages:
        parts = ("accepted", "duplicate", "rejected")
        total = sum(page[f"bot_exporter_events_{part}_total"] for part in parts)
        assert total == page["bot_exporter_events_received_total"]


async def test_a_rendering_that_fails_fails_its_scrapes_only(scrapes: Scrapes) -> None:
    """The next scrape starts afresh."""
    broken = True

    def refresh() -> None:
        if broken:
            raise OSError("the disk did not answer")

    world = scrapes.world
    fragile = Exposition(world.renderer, world.own, now=lambda: 0.0, refresh=refresh)
    request = make_mocked_request("GET", "/metrics")

    with pytest.raises(OSError, match="the disk did not answer"):
        await fragile.handle(request)
    broken = False

    assert b"bot_tracked_total" in body(await fragile.handle(request))
