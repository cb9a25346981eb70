"""Every part of the benchmark reports all it promises, here at a scale that measures nothing."""

from collections.abc import Iterator

import prometheus_client as prometheus
import pytest

from benchmarks.parts import NAMES, part
from benchmarks.pushgateway import CHECKED, UNCHECKED
from benchmarks.scale import Scale
from benchmarks.section import Section
from benchmarks.servers import Start

from .gateway import fake_gateway
from .tables import Row, tables_of

TINY = Scale(
    rounds=1,
    scrape_rounds=1,
    decode_rounds=1,
    growth_rounds=1,
    ingest_seconds=0.05,
    load_seconds=0.05,
    contended_seconds=0.05,
    scrape_seconds=0.01,
    warm_up_seconds=0.05,
    series=(400, 800),
    connections=(1, 3),
)
PEERS: dict[str, Start] = {CHECKED: fake_gateway, UNCHECKED: fake_gateway}
# Name of the part -> its goals, and how the rows of each of its tables begin.
EXPECTED: dict[str, tuple[int, list[list[Row]]]] = {
    "scrape": (2, []),
    "decode": (1, []),
    "ingest": (
        4,
        [
            [
                ["bot_exporter", "1", "64"],
                ["bot_exporter", "100", "16"],
                ["bot_exporter", "1000", "8"],
                ["naive", "1", "64"],
                ["naive", "100", "16"],
                ["naive", "1000", "2"],
            ]
        ],
    ),
    "pushgateway": (
        4,
        [
            [
                ["bot_exporter", "1", "64"],
                ["bot_exporter", "100", "16"],
                [CHECKED, "1", "64"],
                [CHECKED, "100", "16"],
                [UNCHECKED, "1", "64"],
                [UNCHECKED, "100", "16"],
            ],
            [[CHECKED, "1"], [CHECKED, "100"], [UNCHECKED, "1"], [UNCHECKED, "100"]],
        ],
    ),
    "series": (2, [[[], []], [[], []]]),
    "connections": (0, [[["bot_exporter", "1", "1"], ["bot_exporter", "1", "3"]]]),
    "contention": (0, [[["none"], ["each second"]]]),
}


@pytest.fixture(autouse=True)
def _created_metrics() -> Iterator[None]:
    """The naive exporter switches them off for the whole process."""
    yield
    prometheus.enable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped


@pytest.mark.parametrize("name", NAMES)
def test_a_part_reports_every_goal_and_every_row(name: str) -> None:
    """A figure that is missing would look like one that is fine."""
    goals, beginnings = EXPECTED[name]

    section = part(name, PEERS)(TINY)

    assert goals == len(section.goals)
    assert all(all(goal.cells()[index] for index in (0, 1, 3, 4)) for goal in section.goals)
    assert beginnings == _beginnings(section, beginnings)
    assert all(cell for rows in tables_of(section.lines) for row in rows for cell in row)


def _beginnings(section: Section, expected: list[list[Row]]) -> list[list[Row]]:
    """Return as much of each row as is expected of it."""
    return [
        [
            [cell.split(",")[0] if name == ["each second"] else cell for cell in row[: len(name)]]
            for row, name in zip(rows, names, strict=True)
        ]
        for rows, names in zip(tables_of(section.lines), expected, strict=True)
    ]
