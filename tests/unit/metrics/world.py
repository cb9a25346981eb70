"""A small world of live metrics: events and operations go in, series come out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from exporter.catalog.build import EventStructs, event_structs
from exporter.catalog.builtin import CATALOG
from exporter.catalog.document import Document, Plain
from exporter.catalog.extend import extend
from exporter.catalog.own import SERIES_DROPPED
from exporter.catalog.spec import Catalog
from exporter.metrics.engine import EngineSettings, LiveMetrics
from exporter.metrics.own import OwnMetrics
from exporter.metrics.render import Renderer
from exporter.metrics.state import freeze, thaw

EPOCH = 1_700_000_000.0  # Wall time at log time 0.
DAY = 86_400.0
STRICT = event_structs(CATALOG, strict=True)


class World:
    """Live metrics and a renderer of them; arrival is log time plus `EPOCH`."""

    def __init__(
        self,
        catalog: Catalog = CATALOG,
        *,
        settings: EngineSettings | None = None,
        structs: EventStructs | None = None,
    ) -> None:
        if structs is None:
            structs = STRICT if catalog is CATALOG else event_structs(catalog, strict=True)
        self._decode = msgspec.json.Decoder(list[structs.union]).decode  # type: ignore[name-defined]
        self.own = OwnMetrics(catalog.metrics)
        self.live = LiveMetrics(catalog, (structs,), self.own, settings)
        self.renderer = Renderer(self.live, self.own)

    def send(self, *payloads: Mapping[str, Any], now: float = 0.0) -> None:
        """Let a frame with *payloads* come through the log at *now*."""
        arrival = EPOCH + now
        # The door fills in a missing time before anything is counted.
        stamped = [{**p, "ts": arrival if p.get("ts") is None else p["ts"]} for p in payloads]
        batch = self._decode(msgspec.json.encode(stamped))
        self.live.expire_turns(now)
        self.live.apply(batch, now, arrival)

    def control(self, now: float = 0.0, /, **operation: Any) -> None:  # noqa: ANN401 - an operation holds plain values of any type
        """Let an operation come through the log at *now*."""
        self.live.expire_turns(now)
        self.live.control(operation, now)

    def limit(self, *, labels: dict[str, int] | None = None, **metrics: int) -> None:
        """Set the limits of *labels* by name and those of families."""
        self.control(op="limits", limits={"labels": labels or {}, "metrics": metrics})

    def page(self, now: float = 0.0, *, openmetrics: bool = False) -> str:
        """Return the whole exposition, without the end mark."""
        return "".join(self.renderer.pieces(now, openmetrics=openmetrics))

    def series(self, now: float = 0.0) -> dict[str, float]:
        """Return the value of each series that events move, by its name and labels as rendered."""
        return {
            name: value
            for name, value in read(self.page(now)).items()
            if not name.startswith("bot_exporter_")
        }

    def moved(self, now: float = 0.0) -> dict[str, float]:
        """Return the series that are not 0, without the two that every event moves."""
        every = ("bot_events_total", "bot_last_event_timestamp_seconds")
        return {n: v for n, v in self.series(now).items() if v and not n.startswith(every)}

    def dropped(self, metric: str, label: str) -> float:
        """Return how many updates lost the value of *label*."""
        return self.own.value(SERIES_DROPPED, metric, label)

    def restarted(self, catalog: Catalog | None = None) -> "World":
        """Return a new world that took over the state of this one."""
        other = World(catalog or self.live.catalog)
        thaw(other.live, freeze(self.live))
        return other


def read(page: str) -> dict[str, float]:
    """Return the samples of a page, each series exactly once."""
    samples = list(_samples(page))
    series = dict(samples)
    assert len(series) == len(samples)
    return series


def _samples(page: str) -> Iterator[tuple[str, float]]:
    for line in page.split("\n"):
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            yield name, float(value)


def extended(**sections: Sequence[Mapping[str, Plain]]) -> Catalog:
    """Return the built-in catalogue with the declarations of an operator."""
    value: dict[str, Plain] = {
        name: [dict(e) for e in entries] for name, entries in sections.items()
    }
    return extend(CATALOG, [Document(file="own.yml", value=value)])


def message(conversation: str | None = "c", *, at: float, **fields: object) -> dict[str, Any]:
    """Return a user's message that was written at log time *at*."""
    return _message("message_received", conversation, at, fields)


def answer(conversation: str | None = "c", *, at: float, **fields: object) -> dict[str, Any]:
    """Return a message of the bot that was sent at log time *at*."""
    return _message("message_sent", conversation, at, fields)


def _message(
    kind: str, conversation: str | None, at: float, fields: Mapping[str, object]
) -> dict[str, Any]:
    names = {"bot": "shop", "platform": "web", "conversation": conversation}
    return {"type": kind, "ts": EPOCH + at, **names, **fields}
