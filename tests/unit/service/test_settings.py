"""What an operator sets arrives in the part that keeps it: `doors` and `core`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.config.model import (
    Config,
    Conversations,
    Dedupe,
    Ingest,
    Log,
    Privacy,
    RateLimit,
    Storage,
)
from exporter.ingest.admit import AdmissionRules
from exporter.ingest.auth import Authenticator
from exporter.ingest.http_body import BodyLimits
from exporter.ingest.http_faults import FaultLog
from exporter.ingest.http_gate import ConnectionLimits
from exporter.log.commit import LogSettings
from exporter.log.keeper import SnapshotSettings
from exporter.log.tiers import SeenSettings
from exporter.metrics.own import OwnMetrics
from exporter.model.verdicts import Refusal, RefusedError
from exporter.service.core import Core
from exporter.service.doors import Behind, IngestParts, build_ingest
from exporter.service.health import Health
from exporter.service.telemetry import Telemetry
from tests.unit.ingest.door import FakeTokens, RecordedLog
from tests.unit.ingest.journal import FakeJournal
from tests.unit.ingest.parts import ANYBODY, sample
from tests.unit.log.fakes import ManualClock
from tests.unit.service.virtual import LoopClock, run

# No two numbers are the same: one in the wrong place would be seen.
INGEST = Ingest(
    max_body_bytes=1001,
    max_inflation_ratio=2.5,
    max_events=3,
    max_connections=4,
    header_timeout_seconds=5.0,
    body_timeout_seconds=6.0,
    idle_timeout_seconds=7.0,
    queue_bytes=8008,
    rate_limit=RateLimit(events_per_second=9, burst=10),
    clock_skew_seconds=11.0,
    max_age_seconds=12.0,
)
LOG = Log(
    max_bytes=130_013,
    segment_bytes=1400,
    segment_seconds=15.0,
    snapshot_seconds=16.0,
    snapshot_events=17,
)
DEDUPE = Dedupe(max_ids=18_000, retention_seconds=19.0)
TIMES = Conversations(
    active_seconds=20.0,
    session_active_seconds=21.0,
    turn_timeout_seconds=22.0,
    late_seconds=23.0,
)


@contextmanager
def door(
    path: Path, journal: FakeJournal | None = None, privacy: Privacy | None = None
) -> Iterator[IngestParts]:
    """Open the parts of the door with the numbers above."""
    clock = ManualClock()
    authenticator = Authenticator(FakeTokens(), clock)
    parts = build_ingest(
        Config(storage=Storage(path=str(path)), ingest=INGEST, privacy=privacy or Privacy()),
        Behind(
            catalog=CATALOG,
            structs=event_structs(CATALOG, strict=True),
            journal=journal or FakeJournal(),
            authenticator=authenticator,
            telemetry=Telemetry(OwnMetrics(CATALOG.metrics)),
            faults=FaultLog(RecordedLog(), clock),
            health=Health(),
            clock=clock,
        ),
    )
    yield parts
    authenticator.close()
    parts.bodies.close()


async def stored(path: Path, privacy: Privacy, *events: dict[str, object]) -> list[dict[str, str]]:
    """Return *events* as they go into the log."""
    journal = FakeJournal()
    with door(path, journal, privacy) as parts:
        await parts.api.pipeline.ingest(json.dumps(events).encode(), ndjson=False, grant=ANYBODY)
    return [json.loads(line) for body in journal.bodies for line in body.splitlines()]


def test_the_door_keeps_the_limits_of_connections_and_bodies(tmp_path: Path) -> None:
    """How many, how large and how long."""
    with door(tmp_path) as parts:
        connections = ConnectionLimits(
            header_timeout_seconds=5.0, idle_timeout_seconds=7.0, max_connections=4
        )
        bodies = BodyLimits(max_bytes=1001, max_ratio=2.5, timeout_seconds=6.0)

        assert connections == parts.limits
        assert bodies == parts.bodies._limits  # noqa: SLF001 - to see one takes its time


def test_the_door_keeps_the_window_of_times_and_the_text(tmp_path: Path) -> None:
    """Texts are dropped unless somebody asked for them."""
    rules = AdmissionRules(keep_text=False, clock_skew_seconds=11.0, max_age_seconds=12.0)

    with door(tmp_path) as parts, door(tmp_path, privacy=Privacy(text="keep")) as keeping:
        assert rules == parts.rules
        assert keeping.rules.keep_text


async def test_the_door_keeps_the_limits_of_events(tmp_path: Path) -> None:
    """Of one request, and of one token at a time."""
    with door(tmp_path) as parts:
        with pytest.raises(RefusedError) as caught:
            await parts.api.pipeline.ingest(b"[{},{},{},{}]", ndjson=False, grant=ANYBODY)

        assert Refusal.TOO_MANY_EVENTS is caught.value.refusal
        assert 0.0 == parts.buckets.take("t", 10)
        assert 1 / 9 == parts.buckets.take("t", 1)


async def test_contact_data_is_sealed_or_dropped_as_the_operator_says(tmp_path: Path) -> None:
    """Sealed by default, with a key of its own in the storage directory."""
    lead = sample("lead", email="ann@shop.example")

    (sealed,) = await stored(tmp_path, Privacy(), lead)
    (dropped,) = await stored(tmp_path, Privacy(contacts="drop"), lead)

    assert sealed["email"].startswith("sealed:1:")
    assert dropped.get("email") is None


async def test_bots_share_their_users_only_when_the_operator_says_so(tmp_path: Path) -> None:
    """By the name of a namespace that both are in."""
    events = [sample(user="ann"), {**sample(user="ann"), "bot": "bank"}]
    shared = Privacy(shared_namespaces={"people": ("shop", "bank")})

    shop, bank = await stored(tmp_path, Privacy(), *events)
    same_shop, same_bank = await stored(tmp_path, shared, *events)

    assert shop["user"] != bank["user"]
    assert same_shop["user"] == same_bank["user"]


async def test_the_key_of_the_pseudonyms_may_lie_elsewhere(tmp_path: Path) -> None:
    """Two installations with one key know the same people."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    privacy = Privacy(key_file=str(tmp_path / "common.key"))

    (one,) = await stored(here, privacy, sample(user="ann"))
    (other,) = await stored(there, privacy, sample(user="ann"))
    (stranger,) = await stored(there, Privacy(), sample(user="ann"))

    assert one["user"] == other["user"] != stranger["user"]


def test_the_core_keeps_the_limits_of_log_ids_and_snapshots(tmp_path: Path) -> None:
    """Segments stay plain until two snapshots cover them."""

    async def scenario() -> tuple[object, ...]:
        core = opened(tmp_path)
        await core.open(Telemetry(OwnMetrics(CATALOG.metrics)))
        # To see what each of them does takes hours or gigabytes.
        settings = (
            core.journal.writer._settings,  # noqa: SLF001
            core.snapshotter._settings,  # noqa: SLF001
            core.seen._archive._settings,  # noqa: SLF001
        )
        await core.close()
        return settings

    assert (
        LogSettings(
            max_bytes=130_013,
            segment_bytes=1400,
            segment_seconds=15.0,
            queue_bytes=8008,
            compress_after_seconds=3 * 16.0,
        ),
        SnapshotSettings(seconds=16.0, events=17),
        SeenSettings(max_ids=18_000, retention_seconds=19.0),
    ) == run(scenario())


def test_the_core_keeps_the_times_of_turns_and_conversations(tmp_path: Path) -> None:
    """They decide the service level, so each of them must be the right one."""

    async def scenario() -> tuple[float, ...]:
        live = opened(tmp_path).live
        return (
            live.conversations._window,  # noqa: SLF001 - what a window does is tested with it
            live.sessions._window,  # noqa: SLF001
            live.turns._timeout,  # noqa: SLF001
            live.turns._late,  # noqa: SLF001
        )

    assert (20.0, 21.0, 22.0, 23.0) == run(scenario())


def opened(path: Path) -> Core:
    """Return a core with the numbers above."""
    config = msgspec.structs.replace(
        Config(storage=Storage(path=str(path)), ingest=INGEST),
        log=LOG,
        dedupe=DEDUPE,
        conversations=TIMES,
    )
    return Core(config, CATALOG, OwnMetrics(CATALOG.metrics), LoopClock())
