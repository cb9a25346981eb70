"""Gauges that are read right before a scrape: `exporter.service.gauges`."""

import platform

from exporter import __version__
from exporter.catalog import own as names
from exporter.catalog.metrics_operations import EXPECTED_SILENCE, MAINTENANCE
from exporter.catalog.spec import Metric
from exporter.config.maintenance import Maintenance
from exporter.config.model import Bot, Config
from exporter.metrics.own import OwnMetrics
from exporter.service.gauges import Gauges
from tests.unit.ingest.parts import sample
from tests.unit.log.fakes import turns
from tests.unit.service.rig import CoreRig, open_core


async def refreshed(rig: CoreRig) -> Gauges:
    """Return gauges that show *rig*."""
    gauges = Gauges(rig.own, Config())
    gauges.live(rig.live)
    gauges.log(rig.journal.writer, rig.disk)
    gauges.ids(rig.seen)
    gauges.snapshots(rig.snapshotter)
    return gauges


def values_of(own: OwnMetrics, metric: Metric) -> dict[str, float]:
    """Return the gauge of each bot that has one."""
    table = next(t for t in own.tables if t.slots[0].metric is metric)
    return {str(bot): row[1] for bot, row in table.rows.items()}


async def test_the_state_of_the_parts_is_shown() -> None:
    """Bots, open turns, ids, and what the log takes."""
    rig = await open_core()
    await rig.send(sample("message_received", conversation="c"), sample(bot="bank"))
    rig.clock.advance(5)

    await refreshed(rig)

    shown = {metric: rig.own.value(metric) for metric in SHOWN}
    assert SHOWN == shown
    assert 2 == rig.own.value(names.SERIES, "bot_events_total")
    assert 0 < rig.own.value(names.SERIES_LIMIT, "bot_events_total")
    assert rig.journal.writer.log_bytes == rig.own.value(names.LOG_SIZE) > 0
    assert rig.journal.writer.synced_bytes == rig.own.value(names.LOG_WRITTEN) > 0


SHOWN: dict[Metric, float] = {
    names.BOTS: 2,
    names.TURNS_PENDING: 1,
    names.DEDUPE_IDS: 2,
    names.DEDUPE_WINDOW: 5,
    names.LOG_COMMITS: 1,
    names.LOG_COMMIT_FAILURES: 0,
    names.LOG_SEGMENTS: 1,
    names.LOG_QUEUE: 0,
    names.LOG_AVAILABLE: 1,
    names.LOG_LIMIT: Config().log.max_bytes,
    names.DISK_FREE: 1 << 40,
    names.DISK_SIZE: 1 << 41,
    names.SNAPSHOT_FAILURES: 0,
}


async def test_the_time_of_a_snapshot_is_shown_once_there_is_one() -> None:
    """Zero would be a snapshot of 1970."""
    rig = await open_core()
    await rig.send(sample())
    await refreshed(rig)
    before = rig.own.value(names.SNAPSHOT_TIMESTAMP)

    rig.snapshotter._snapshot()  # noqa: SLF001 - when one is due is not the question here
    await turns()
    await refreshed(rig)

    assert (0, rig.clock.wall()) == (before, rig.own.value(names.SNAPSHOT_TIMESTAMP))


async def test_build_info_names_the_version() -> None:
    """One series, always 1."""
    rig = await open_core()

    await refreshed(rig)

    version = (__version__, "unknown", platform.python_version())
    assert 1 == rig.own.value(names.BUILD_INFO, *version)


async def test_only_bots_with_an_expected_silence_have_one() -> None:
    """A reload takes it away again."""
    rig = await open_core()
    gauges = await refreshed(rig)

    gauges.expect((Bot(name="shop", expected_silence_seconds=60.0), Bot(name="bank")))
    first = values_of(rig.own, EXPECTED_SILENCE)
    gauges.expect((Bot(name="bank", expected_silence_seconds=5.0),))

    assert ({"shop": 60.0}, {"bank": 5.0}) == (first, values_of(rig.own, EXPECTED_SILENCE))


async def test_maintenance_is_1_while_a_window_is_open_and_0_otherwise() -> None:
    """Registered bots have a series all the time; a reload that drops one takes it away."""
    rig = await open_core()
    gauges = await refreshed(rig)
    night = Maintenance(begin="2026-12-24T22:00:00Z", end="2026-12-25T02:00:00Z", bots=("shop",))
    shop, bank = Bot(name="shop"), Bot(name="bank")
    inside, after = 1798153200.0, 1798167600.0

    gauges.plan(Config(bots=(shop, bank), maintenance=(night,)))
    gauges.maintenance(inside)
    during = values_of(rig.own, MAINTENANCE)
    gauges.maintenance(after)
    later = values_of(rig.own, MAINTENANCE)
    gauges.plan(Config(bots=(bank,)))
    gauges.maintenance(after)

    assert [{"shop": 1, "bank": 0}, {"shop": 0, "bank": 0}] == [during, later]
    assert {"bank": 0} == values_of(rig.own, MAINTENANCE)
