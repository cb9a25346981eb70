"""Peers that are not measured in a run: orientation only."""

from .section import Section, table

UPDATES_PER_EVENT = 10.8  # Series that an event of the reference mix moves.
STATSD_TIMINGS = 360_000
STATSD_CORES = 2.5
STATSD_SOURCE = "https://github.com/prometheus/statsd_exporter/issues/377"


def published_section() -> Section:
    """Return the figures with their sources."""
    events = round(STATSD_TIMINGS / STATSD_CORES / UPDATES_PER_EVENT, -3)
    rows = (
        (
            "statsd_exporter 0.20.2 (Go)",
            "**published, not measured here**",
            f"~{STATSD_TIMINGS:,} timings/s without labels on ~{STATSD_CORES} cores",
            f"~{events:,.0f} (estimate: {UPDATES_PER_EVENT} updates an event)",
            f"[a user's report of 2021]({STATSD_SOURCE})",
        ),
        (
            "Go net/http, encoding/json, client_golang",
            "**neither published nor measured here**: 60 lines of our own",
            "events per second of CPU at 1 / 100 / 1,000 events a request",
            "27,800-31,500 / 69,000-70,000 / 76,000-86,000",
            "our prototype runs of 2026-11-22 on a busy 2-core EPYC",
        ),
    )
    header = ("peer", "status", "what", "events/s on one core", "source")
    notes = (
        "- Other machines, other events: these rows compare orders of magnitude.",
        "- statsd_exporter takes datagrams: no answer, no checks, nothing durable.",
        "- The Go peer stores nothing either and validates fewer fields.",
    )
    return Section("Figures from elsewhere", (), (*table(header, rows), *notes))
