"""Windows of planned work: `exporter.config.maintenance`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from exporter.config.load import load_config
from exporter.config.maintenance import Maintenance, maintained
from exporter.config.model import Config
from exporter.model.errors import ConfigError
from tests.unit.catalog.cases import Case

BOTS = "bots: [{name: shop}, {name: bank}]\n"
NIGHT = Maintenance(
    begin="2026-12-24T22:00:00Z", end="2026-12-25T03:00:00+01:00", bots=("shop",), note="Database."
)
TIMES = "from: 2026-12-24T22:00:00Z, to: 2026-12-25T02:00:00Z"

CASES = [
    Case(
        name="end before the start",
        good=f"{BOTS}maintenance: [{{{TIMES}}}]",
        bad=f"{BOTS}maintenance: [{{from: 2026-12-24T22:00:00Z, to: 2026-12-24T22:00:00Z}}]  # <-",
        path="maintenance[0].to",
        remedy="write a later time",
    ),
    Case(
        name="a year for a day",
        good=f"{BOTS}maintenance: [{{from: 2026-12-01T00:00:00Z, to: 2027-01-01T00:00:00Z}}]",
        bad=f"{BOTS}maintenance: [{{from: 2026-12-01T00:00:00Z, to: 2027-12-01T00:00:00Z}}]  # <-",
        path="maintenance[0].to",
        remedy="check the date, or write several windows",
    ),
    Case(
        name="a day that does not exist",
        good=f"{BOTS}maintenance: [{{from: 2028-02-29T00:00:00Z, to: 2028-03-01T00:00:00Z}}]",
        bad=f"{BOTS}maintenance: [{{from: 2027-02-29T00:00:00Z, to: 2027-03-01T00:00:00Z}}]  # <-",
        path="maintenance[0].from",
        remedy="no date and time that exists",
    ),
    Case(
        name="a time without a zone",
        good=f"{BOTS}maintenance: [{{{TIMES}}}]",
        bad=f"{BOTS}maintenance: [{{from: 2026-12-24T22:00:00, to: 2026-12-25T02:00:00Z}}]  # <-",
        path="maintenance[0].from",
        remedy="write something like 2026-12-24T22:00:00Z",
    ),
    Case(
        name="a bot that is not registered",
        good=f"{BOTS}maintenance: [{{{TIMES}, bots: [shop, bank]}}]",
        bad=f"{BOTS}maintenance: [{{{TIMES}, bots: [shop, shp]}}]  # <-",
        path="maintenance[0].bots[1]",
        remedy="did you mean 'shop'?",
    ),
    Case(
        name="a bot twice",
        good=f"{BOTS}maintenance: [{{{TIMES}, bots: [shop]}}]",
        bad=f"{BOTS}maintenance: [{{{TIMES}, bots: [shop, shop]}}]  # <-",
        path="maintenance[0].bots[1]",
        remedy="remove one",
    ),
]


def load(file: Path, text: str) -> Config:
    """Return the configuration that says *text*."""
    file.write_text(text, encoding="utf-8")
    return load_config(file, environ={}, overrides={})


def at(text: str) -> float:
    """Return the moment in seconds since 1970."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_reported_with_its_place_and_remedy(case: Case, tmp_path: Path) -> None:
    """A window that hides the wrong failures is worse than none."""
    file = tmp_path / "bot-exporter.yml"
    load(file, case.right)

    with pytest.raises(ConfigError) as refused:
        load(file, case.wrong)

    [message] = map(str, refused.value.problems)
    assert message.startswith(f"{file}:{case.line}: {case.path}: ")
    assert case.remedy in message


def test_a_window_begins_at_its_start_and_is_over_at_its_end() -> None:
    """The end is another zone's midnight: the same moment everywhere."""
    moments = ("2026-12-24T21:59:59", "2026-12-24T22:00:00", "2026-12-25T01:59:59")

    assert [False, True, True] == [NIGHT.covers(at(moment)) for moment in moments]
    assert not NIGHT.covers(at("2026-12-25T02:00:00"))


def test_a_window_concerns_its_bots_or_all() -> None:
    """Overlapping windows add up."""
    everywhere = Maintenance(begin="2026-12-25T01:00:00Z", end="2026-12-25T04:00:00Z")
    bots = ("shop", "bank")

    states = [
        maintained((NIGHT, everywhere), bots, at(moment))
        for moment in ("2026-12-24T23:00:00", "2026-12-25T01:30:00", "2026-12-25T05:00:00")
    ]

    assert [
        {"shop": True, "bank": False},
        {"shop": True, "bank": True},
        {"shop": False, "bank": False},
    ] == states
