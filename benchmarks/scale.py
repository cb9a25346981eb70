"""How large and how long a run is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """
    Rounds, windows and sizes of every part.

    Args:
        rounds: In each, all sides of a comparison take turns.
        scrape_rounds: Scrapes within one process.
        decode_rounds: Batches decoded within one process.
        growth_rounds: Of the curves, which compare us with ourselves.
        ingest_seconds: How long each load of the main comparison lasts.
        load_seconds: How long every other load lasts.
        contended_seconds: How long the load beside scrapes lasts; there is one a second.
        scrape_seconds: How long a server is scraped without a pause.
        warm_up_seconds: How long the load lasts that nobody measures.
        series: The sizes of the curves of series; the last is that of the other scrapes, too.
        connections: The sizes of the curve of connections.
    """

    rounds: int
    scrape_rounds: int
    decode_rounds: int
    growth_rounds: int
    ingest_seconds: float
    load_seconds: float
    contended_seconds: float
    scrape_seconds: float
    warm_up_seconds: float = 0.4
    series: tuple[int, ...] = (1_000, 10_000, 100_000)
    connections: tuple[int, ...] = (1, 64, 1_000)


FULL = Scale(
    rounds=3,
    scrape_rounds=6,
    decode_rounds=12,
    growth_rounds=3,
    ingest_seconds=8.0,
    load_seconds=3.0,
    contended_seconds=5.0,
    scrape_seconds=1.0,
)
# The curves have one round, so no range: they show the way, the full run proves it.
QUICK = Scale(
    rounds=3,
    scrape_rounds=3,
    decode_rounds=3,
    growth_rounds=1,
    ingest_seconds=0.8,
    load_seconds=0.8,
    contended_seconds=2.0,
    scrape_seconds=0.5,
)
