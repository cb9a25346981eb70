"""What must survive, from opening the directory to closing it: `exporter.service.core`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from exporter.catalog.builtin import CATALOG
from exporter.catalog.own import LOG_DAMAGED, LOG_SKIPPED
from exporter.config.model import Bot, Config, Limits, Log, Storage
from exporter.metrics.own import OwnMetrics
from exporter.model.errors import LogFullError
from exporter.service.core import Core, wanted_limits
from exporter.service.telemetry import Telemetry
from tests.unit.service.virtual import LoopClock, let_pass, run

BOTS = (Bot(name="shop", platforms=("web", "sms")), Bot(name="bank"))


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Core]:
    """Open a core and close it in the end."""
    own = OwnMetrics(CATALOG.metrics)
    core = Core(config, CATALOG, own, LoopClock())
    await core.open(Telemetry(own))
    yield core
    await core.close()


def config_in(path: Path, **parts: object) -> Config:
    """Return the default configuration with the storage in *path*."""
    return msgspec.structs.replace(Config(storage=Storage(path=str(path))), **parts)


def limits_of(core: Core) -> dict[str, int]:
    """Return the limits of labels in force."""
    return core.live.guard.limits.labels


def test_limits_and_bots_come_into_force_through_the_log(tmp_path: Path) -> None:
    """So a restart replays them in their place among the events."""
    config = config_in(tmp_path, bots=BOTS, limits=Limits(bots=7, labels={"intent": 3}))

    async def scenario() -> tuple[dict[str, int], dict[str, list[str]], int]:
        async with opened(config) as core:
            await core.reconcile(config)
            commits = core.journal.writer.commits
            return limits_of(core), core.live.registered(), commits

    limits, registered, commits = run(scenario())

    assert {"bot": 7, "intent": 3} == limits
    assert {"shop": ["web", "sms"], "bank": []} == registered
    assert 2 == commits


def test_reconciling_with_what_is_in_force_writes_nothing(tmp_path: Path) -> None:
    """A log must not grow because a process starts."""
    config = config_in(tmp_path, bots=BOTS)

    async def first() -> None:
        async with opened(config) as core:
            await core.reconcile(config)

    async def again() -> tuple[int, dict[str, list[str]]]:
        async with opened(config) as core:
            await core.reconcile(config)
            return core.journal.writer.commits, core.live.registered()

    run(first())
    commits, registered = run(again())

    assert 0 == commits
    assert {"shop": ["web", "sms"], "bank": []} == registered


def test_a_stop_leaves_nothing_to_replay(tmp_path: Path) -> None:
    """The state is saved in the end, so the next start is quick whatever the log holds."""
    config = config_in(tmp_path, bots=BOTS)

    async def first() -> int:
        async with opened(config) as core:
            await core.reconcile(config)
            return core.journal.writer.commits

    async def again() -> tuple[int, dict[str, list[str]]]:
        own = OwnMetrics(CATALOG.metrics)
        core = Core(config, CATALOG, own, LoopClock())
        done = await core.open(Telemetry(own))
        await core.close()
        return done.frames, core.live.registered()

    commits = run(first())

    assert commits
    assert (0, {"shop": ["web", "sms"], "bank": []}) == run(again())


def test_another_configuration_is_taken_over_by_housekeeping(tmp_path: Path) -> None:
    """Nobody else has to do anything."""
    config = config_in(tmp_path)

    async def scenario() -> int:
        async with opened(config) as core:
            keeping = asyncio.create_task(core.keep())
            core.want(config_in(tmp_path, limits=Limits(bots=9)))
            while limits_of(core).get("bot") != 9:
                await let_pass(0.25)
            keeping.cancel()
            return limits_of(core)["bot"]

    assert 9 == run(scenario())


def test_housekeeping_goes_on_when_the_log_is_full(tmp_path: Path) -> None:
    """What could not be written is tried again, and time passes for what ages."""
    config = config_in(tmp_path, log=Log(max_bytes=1))

    async def scenario() -> tuple[bool, bool]:
        async with opened(config) as core:
            with pytest.raises(LogFullError):
                await core.reconcile(config)
            await core.try_reconcile()
            keeping = asyncio.create_task(core.keep())
            await let_pass(3 * 3600)
            alive = not keeping.done()
            keeping.cancel()
            return alive, core.now_elapsed() >= 3 * 3600

    assert (True, True) == run(scenario())


@pytest.mark.parametrize(
    ("limits", "bot", "intents"),
    [
        (Limits(), 50, None),
        (Limits(bots=3), 3, None),
        (Limits(series_per_metric=77), 50, 77),
        (Limits(metrics={"bot_intents_total": 5}), 50, 5),
        (Limits(series_per_metric=77, metrics={"bot_intents_total": 5}), 50, 5),
    ],
)
def test_what_is_said_of_one_metric_goes_before_what_is_said_of_all(
    limits: Limits, bot: int, intents: int | None
) -> None:
    """Without either, the family's own limit holds."""
    wanted = wanted_limits(Config(limits=limits), CATALOG)

    assert bot == wanted["labels"]["bot"]
    assert intents == wanted["metrics"].get("bot_intents_total")


def test_a_start_says_what_it_could_not_read(tmp_path: Path) -> None:
    """Damage is counted and never stops it."""
    config = config_in(tmp_path, bots=BOTS)

    async def first() -> None:
        async with opened(config) as core:
            await core.reconcile(config)

    run(first())
    (segment,) = (tmp_path / "log").glob("*.log*")
    segment.write_bytes(segment.read_bytes() + b"\xffBX\xfd torn")

    own = OwnMetrics(CATALOG.metrics)

    async def again() -> None:
        core = Core(config, CATALOG, own, LoopClock())
        await core.open(Telemetry(own))
        await core.close()

    run(again())

    assert (1, 0) == (own.value(LOG_DAMAGED), own.value(LOG_SKIPPED))
