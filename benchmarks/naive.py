"""
What most people would write: aiohttp, json, a jsonschema validator per type, `labels().inc()`.

It serves the same events and moves the same families by the same feeds as the exporter, in one
process. It forgets everything when it stops, knows no duplicates and keeps personal data as it
came. Run it as `python -m benchmarks.naive PORT`.
"""

import sys
from collections.abc import Callable
from typing import Any

import prometheus_client as prometheus
from aiohttp import web
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from exporter.catalog.builtin import CATALOG
from exporter.catalog.schema import type_schema
from exporter.catalog.spec import (
    ARRIVAL,
    Condition,
    Constant,
    EventType,
    Feed,
    Kind,
    Metric,
    Operator,
    Source,
)

Event = dict[str, Any]
Step = Callable[[Event], None]
Family = prometheus.Counter | prometheus.Gauge | prometheus.Histogram

MOST_BYTES = 1 << 26
COMPARISONS: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: lambda a, b: bool(a == b),
    Operator.NOT_EQUAL: lambda a, b: bool(a != b),
    Operator.LESS: lambda a, b: bool(a < b),
    Operator.AT_MOST: lambda a, b: bool(a <= b),
    Operator.GREATER: lambda a, b: bool(a > b),
    Operator.AT_LEAST: lambda a, b: bool(a >= b),
    Operator.PRESENT: lambda _a, _b: True,
}


def family_of(metric: Metric, registry: prometheus.CollectorRegistry) -> Family:
    """Return the family of *metric* as the usual library keeps it."""
    labels = [label.name for label in metric.labels]
    if metric.kind is Kind.COUNTER:
        return prometheus.Counter(metric.name, metric.help, labels, registry=registry)
    if metric.kind is Kind.GAUGE:
        return prometheus.Gauge(metric.name, metric.help, labels, registry=registry)
    return prometheus.Histogram(
        metric.name, metric.help, labels, registry=registry, buckets=metric.buckets
    )


def step_of(feed: Feed, event: EventType, family: Family, metric: Metric) -> Step:
    """Return what *feed* does with one event."""
    defaults = {f.name: f.default for f in CATALOG.fields(event).values() if f.default is not None}
    sources = {label.name: feed.labels.get(label.name, label.name) for label in metric.labels}
    fixed = {n: s.value for n, s in sources.items() if isinstance(s, Constant)}
    read = {n: s for n, s in sources.items() if isinstance(s, str)}
    conditions = feed.when

    def step(e: Event) -> None:
        for condition in conditions:
            if not _holds(condition, e, defaults):
                return
        value = 1 if feed.value is None else e.get(feed.value)
        if feed.value == ARRIVAL:
            value = e.get("ts")
        if value is None:
            return
        labels = {name: str(e.get(field, defaults.get(field))) for name, field in read.items()}
        child = family.labels(**labels, **fixed)
        if isinstance(child, prometheus.Counter):
            child.inc(value)
        elif isinstance(child, prometheus.Gauge):
            child.set(value)
        else:
            child.observe(value)

    return step


def steps(registry: prometheus.CollectorRegistry) -> dict[str, list[Step]]:
    """Return what happens to an event, by its type."""
    families = {
        m.name: family_of(m, registry) for m in CATALOG.metrics if m.source is Source.EVENTS
    }
    return {
        event.name: [
            step_of(feed, event, families[feed.metric], CATALOG.metric(feed.metric))
            for feed in CATALOG.feeds_of(event)
        ]
        for event in CATALOG.events
    }


def validators() -> dict[str, Draft202012Validator]:
    """Return a validator of the published schema for each event type, made once."""
    return {e.name: Draft202012Validator(type_schema(CATALOG, e)) for e in CATALOG.events}


def application() -> web.Application:
    """Return the whole exporter."""
    registry = prometheus.CollectorRegistry()
    known, update = validators(), steps(registry)

    async def events(request: web.Request) -> web.Response:
        body = await request.json()
        batch = body if isinstance(body, list) else [body]
        rejected = 0
        for event in batch:
            try:
                known[event["type"]].validate(event)
            except ValidationError:
                rejected += 1
                continue
            for step in update[event["type"]]:
                step(event)
        return web.json_response({"accepted": len(batch) - rejected, "rejected": rejected})

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=prometheus.generate_latest(registry))

    async def ready(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application(client_max_size=MOST_BYTES)
    app.router.add_post("/v1/events", events)
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/-/ready", ready)
    return app


def _holds(condition: Condition, event: Event, defaults: dict[str, Any]) -> bool:
    value = event.get(condition.field, defaults.get(condition.field))
    return value is not None and COMPARISONS[condition.op](value, condition.value)


def main() -> None:
    """Serve on loopback until killed."""
    web.run_app(
        application(),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        access_log=None,
        print=lambda *_: None,
    )


if __name__ == "__main__":
    main()
