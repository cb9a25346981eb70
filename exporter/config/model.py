"""
Every key of the configuration with its default and its meaning.

The JSON Schema, the reference page, the example file and the names of the environment variables
are derived from these classes; nothing about a key is written down anywhere else.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, field

from ..catalog.declarations import Extension, Section
from .alerting import Alerting, Deadman, Digest, Notification, SelfTest, Smtp
from .kinds import (
    DAY,
    GIB,
    HOUR,
    MIB,
    BotName,
    Count,
    File,
    Platform,
    Seconds,
    Size,
    Text,
)
from .maintenance import Maintenance
from .probes import Probes


class Storage(Section, frozen=True, kw_only=True):
    """Where everything durable lives."""

    path: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=4096,
            description="Directory of the event log, the snapshots and the small database. "
            "Relative to the working directory.",
        ),
    ] = "data"


class Web(Section, frozen=True, kw_only=True):
    """The internal listener: metrics, health, administration."""

    listen_address: Annotated[Text, Meta(description="Host and port of the internal listener.")] = (
        "127.0.0.1:10351"
    )
    external_url: Annotated[
        Text, Meta(description="URL under which people reach it, for links in messages.")
    ] = ""
    enable_lifecycle: Annotated[bool, Meta(description="Whether POST /-/reload is served.")] = True
    config_file: Annotated[
        File, Meta(description="TLS and basic authentication, in the exporter-toolkit format.")
    ] = ""


class RateLimit(Section, frozen=True, kw_only=True):
    """How many events each token may send."""

    events_per_second: Annotated[
        Count, Meta(description="Events per second and token, on average.")
    ] = 50_000
    burst: Annotated[Count, Meta(description="Events a token may send at once.")] = 100_000


class Ingest(Section, frozen=True, kw_only=True):
    """The public listener, where bots send their events."""

    listen_address: Annotated[Text, Meta(description="Host and port of the public listener.")] = (
        "127.0.0.1:10350"
    )
    require_token: Annotated[
        bool, Meta(description="Whether a request without a bearer token is refused.")
    ] = True
    max_body_bytes: Annotated[Size, Meta(description="Largest body, after decompression.")] = (
        10 * MIB
    )
    max_inflation_ratio: Annotated[
        float, Meta(ge=1, le=10_000, description="Largest size after / before decompression.")
    ] = 100.0
    max_events: Annotated[Count, Meta(description="Most events of one request.")] = 1000
    max_connections: Annotated[Count, Meta(description="Most connections at once.")] = 2000
    header_timeout_seconds: Annotated[
        Seconds, Meta(description="Time a client has to send the headers.")
    ] = 10.0
    body_timeout_seconds: Annotated[
        Seconds, Meta(description="Time a client has to send the body.")
    ] = 30.0
    idle_timeout_seconds: Annotated[
        Seconds, Meta(description="Time a connection may stay unused.")
    ] = 75.0
    queue_bytes: Annotated[
        Size, Meta(description="Most bytes that wait for the disk; beyond it bots get 503.")
    ] = 64 * MIB
    rate_limit: RateLimit = RateLimit()
    clock_skew_seconds: Annotated[
        Seconds, Meta(description="How far in the future the `ts` of an event may lie.")
    ] = HOUR
    max_age_seconds: Annotated[
        Seconds,
        Meta(description="How far in the past it may lie; older events need the backfill scope."),
    ] = 7 * DAY


class Log(Section, frozen=True, kw_only=True):
    """The event log: what is acknowledged is in it."""

    max_bytes: Annotated[
        Size, Meta(description="Most bytes on disk; loaded files go first, then bots get 507.")
    ] = 10 * GIB
    segment_bytes: Annotated[Size, Meta(description="A file is closed at this size.")] = 64 * MIB
    segment_seconds: Annotated[Seconds, Meta(description="A file is closed at this age.")] = HOUR
    snapshot_seconds: Annotated[
        Seconds, Meta(description="Time between two snapshots of the metrics.")
    ] = 60.0
    snapshot_events: Annotated[
        Count, Meta(description="Events between two snapshots, when that comes first.")
    ] = 250_000


class Dedupe(Section, frozen=True, kw_only=True):
    """How long a repeated event is recognised."""

    max_ids: Annotated[
        Count, Meta(description="Ids remembered: 16 bytes of disk and 2 of memory each.")
    ] = 50_000_000
    retention_seconds: Annotated[
        Seconds, Meta(description="How long an id is remembered after its arrival.")
    ] = 8 * DAY


class Privacy(Section, frozen=True, kw_only=True):
    """What happens to personal data at the door."""

    text: Annotated[
        Literal["drop", "keep"],
        Meta(description="Whether message texts are dropped, or redacted and kept."),
    ] = "drop"
    contacts: Annotated[
        Literal["seal", "drop"],
        Meta(
            description="Whether contact data of leads is sealed and kept (needs the extra "
            "`privacy`, else it is dropped and counted), or always dropped."
        ),
    ] = "seal"
    key_file: Annotated[
        File,
        Meta(description="Key of the pseudonyms, made when missing; empty: in `storage.path`."),
    ] = ""
    shared_namespaces: Annotated[
        Mapping[str, tuple[BotName, ...]],
        Meta(
            max_length=1000,
            description="Name to bots whose users are the same people. Others share nothing.",
            examples=[{"shop": ["shop-bot", "shop-voice"]}],
        ),
    ] = field(default_factory=dict)


class Limits(Section, frozen=True, kw_only=True):
    """Bounds of what `/metrics` shows; beyond them a value becomes `_other`."""

    bots: Annotated[Count, Meta(description="Most bots, registered or seen.")] = 50
    series_per_metric: Annotated[Count, Meta(description="Most series of one metric.")] = 10_000
    labels: Annotated[
        Mapping[str, Count],
        Meta(
            max_length=1000,
            description="Label name to most values per bot.",
            examples=[{"intent": 200}],
        ),
    ] = field(default_factory=dict)
    metrics: Annotated[
        Mapping[str, Count],
        Meta(
            max_length=1000,
            description="Metric name to most series.",
            examples=[{"bot_intents_total": 5000}],
        ),
    ] = field(default_factory=dict)


class Bot(Section, frozen=True, kw_only=True):
    """One bot that is known before its first event."""

    name: Annotated[BotName, Meta(description="Its name in events.")]
    platforms: Annotated[
        tuple[Platform, ...], Meta(description="Platforms whose series start at 0.")
    ] = ()
    expected_silence_seconds: Annotated[
        Seconds | None,
        Meta(description="Silence up to this long raises no alert; unset: no alert."),
    ] = None


class Conversations(Section, frozen=True, kw_only=True):
    """How messages become turns, conversations and sessions."""

    active_seconds: Annotated[
        Seconds, Meta(description="A conversation counts as active this long after an event.")
    ] = 300.0
    session_active_seconds: Annotated[
        Seconds, Meta(description="A session ends after this much silence.")
    ] = 1800.0
    turn_timeout_seconds: Annotated[
        Seconds, Meta(description="A turn without an answer fails after this time.")
    ] = 60.0
    late_seconds: Annotated[
        Seconds, Meta(description="Events that arrive later than this skip the SLI metrics.")
    ] = 900.0


class Logging(Section, frozen=True, kw_only=True):
    """What the exporter writes about itself, to standard error."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="Lowest level written.")
    ] = "info"
    format: Annotated[Literal["logfmt", "json"], Meta(description="Form of a line.")] = "logfmt"


class CatalogFiles(Extension, frozen=True, kw_only=True):
    """Own events, labels and metrics: in files, here, or both. Needs a restart."""

    files: Annotated[
        tuple[File, ...],
        Meta(
            max_length=100,
            description="YAML files with the keys `events`, `labels`, `metrics`.",
            examples=[["own.yml"]],
        ),
    ] = ()


class Config(Section, frozen=True, kw_only=True):
    """Everything the operator decides."""

    storage: Storage = Storage()
    web: Web = Web()
    ingest: Ingest = Ingest()
    log: Log = Log()
    dedupe: Dedupe = Dedupe()
    privacy: Privacy = Privacy()
    limits: Limits = Limits()
    bots: Annotated[
        tuple[Bot, ...],
        Meta(
            max_length=2000,
            description="Bots with their own settings; others appear on sight.",
            examples=[
                [
                    {
                        "name": "shop-bot",
                        "platforms": ["telegram"],
                        "expected_silence_seconds": "1h",
                    }
                ]
            ],
        ),
    ] = ()
    maintenance: Annotated[
        tuple[Maintenance, ...],
        Meta(
            max_length=1000,
            description="Windows of planned work: service levels leave them out, and dashboards "
            "show them.",
            examples=[[{"from": "2026-12-24T22:00:00Z", "to": "2026-12-25T02:00:00Z"}]],
        ),
    ] = ()
    conversations: Conversations = Conversations()
    logging: Logging = Logging()
    alerting: Alerting = Alerting()
    smtp: Smtp = Smtp()
    deadman: Deadman = Deadman()
    digest: Digest = Digest()
    notifications: Annotated[
        tuple[Notification, ...],
        Meta(
            max_length=100,
            description="Events that somebody is told of by a signed webhook.",
            examples=[
                [
                    {
                        "name": "sales",
                        "events": ["lead"],
                        "url_file": "sales.url",
                        "secret_file": "sales.secret",
                    }
                ]
            ],
        ),
    ] = ()
    probes: Probes = Probes()
    self_test: SelfTest = SelfTest()
    catalog: CatalogFiles = CatalogFiles()

    @property
    def key_file(self) -> Path:
        """Return the file of the pseudonym key."""
        return Path(self.privacy.key_file or Path(self.storage.path) / "pseudonym.key")
