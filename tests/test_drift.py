"""
Mistakes that must never reach a release, each planted and caught.

The checks themselves are tested where they live; here the real catalogue gets one mistake at a
time, so that a check nobody calls any more is noticed, too.
"""

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from exporter import __version__
from exporter.bundle.lint import Text, findings
from exporter.bundle.write import check, write
from exporter.catalog import labels, metrics
from exporter.catalog.builtin import CATALOG
from exporter.catalog.envelope import USER
from exporter.catalog.lint import lint
from exporter.catalog.released import RELEASED_FILE, read_release, release_problems
from exporter.catalog.retired import RETIRED
from exporter.catalog.spec import Catalog, Feed, Label, Metric
from exporter.cli.generate import generated_files
from tests import architecture

ROOT = Path(__file__).parent.parent
Value: TypeAlias = Any  # Whatever a field of the spec may be set to.


def changed(metric: Metric, **changes: Value) -> Catalog:
    """Return the catalogue in which one family is declared otherwise, and fed as before."""
    other = replace(metric, **changes)
    return replace(
        CATALOG,
        metrics=tuple(other if known is metric else known for known in CATALOG.metrics),
        feeds=tuple(
            replace(feed, metric=other.name) if feed.metric == metric.name else feed
            for feed in CATALOG.feeds
        ),
    )


def with_label(metric: Metric, label: Label, source: str) -> Catalog:
    """Return the catalogue in which one family has one more label."""
    wider = changed(metric, labels=(*metric.labels, label))

    def fed(feed: Feed) -> Feed:
        extra = {**feed.labels, label.name: source}
        return replace(feed, labels=extra) if feed.metric == metric.name else feed

    return replace(wider, feeds=tuple(fed(feed) for feed in wider.feeds))


def ghosts(file: str, text: str) -> list[str]:
    """Return what the check of the bundle says about *text*."""
    return [str(finding) for finding in findings([Text(file, text)], CATALOG)]


def test_a_renamed_metric_is_caught() -> None:
    """The last release knows the old name, and so do dashboards we never see."""
    released = read_release((ROOT / RELEASED_FILE).read_text("utf-8"))
    renamed = changed(metrics.INTENTS, name="bot_intents_found_total")

    caught = list(release_problems(renamed, released, RETIRED, version=__version__))

    assert [
        f"bot_intents_total: released in {released.version} and gone; retire it in retired.py"
    ] == caught


def test_a_ghost_metric_in_a_dashboard_is_caught() -> None:
    """A panel on it would stay empty, and nobody would ask why."""
    (caught,) = ghosts("overview.json", r'{"expr": "sum(rate(bot_intent_total{bot=\"x\"}[5m]))"}')

    assert "overview.json:1: bot_intent_total: no such metric; did you mean" in caught


def test_a_ghost_metric_in_a_document_is_caught() -> None:
    """A reader would copy it."""
    (caught,) = ghosts("docs/page.md", "# Intents\n\nSee `bot_intent_total`.\n")

    assert caught.startswith("docs/page.md:3: bot_intent_total: no such metric")


def test_a_wrong_unit_is_caught() -> None:
    """Milliseconds in a metric of seconds are wrong by a thousand."""
    broken = changed(metrics.LLM_DURATION, name="bot_llm_request_duration_milliseconds")

    caught = list(lint(broken))

    assert (
        "bot_llm_request_duration_milliseconds: milliseconds is no base unit; "
        "convert to seconds and name it so"
    ) in caught


def test_a_unit_that_differs_from_its_field_is_caught() -> None:
    """Dollars do not add up to seconds."""
    feeds = tuple(
        replace(feed, value="cost_usd") if feed.metric == metrics.LLM_DURATION.name else feed
        for feed in CATALOG.feeds
    )

    (caught,) = lint(replace(CATALOG, feeds=feeds))

    assert caught.endswith(": the value cost_usd has usd, the metric seconds")


def test_a_counter_without_total_is_caught() -> None:
    """Prometheus warns about it, and OpenMetrics would rename it."""
    caught = list(lint(changed(metrics.INTENTS, name="bot_intents")))

    assert ["bot_intents: the name of a counter ends in _total; write bot_intents_total"] == caught


def test_an_orphan_metric_is_caught() -> None:
    """A family that nothing moves is a promise that nobody keeps."""
    feeds = tuple(feed for feed in CATALOG.feeds if feed.metric != metrics.INTENTS.name)

    caught = list(lint(replace(CATALOG, feeds=feeds)))

    assert ["bot_intents_total: nothing feeds it; add a feed or remove it"] == caught


def test_an_upward_import_is_caught() -> None:
    """The catalogue knows nothing of those who use it."""
    path = PurePosixPath("exporter/catalog/metrics.py")

    caught = list(architecture.imports_follow_the_order(path, "from ..ingest import decode"))

    assert ["exporter/catalog/metrics.py:1: catalog may not import ingest"] == caught


def test_a_personal_field_as_a_label_is_caught() -> None:
    """A user in a label is on every screen, for as long as Prometheus keeps it."""
    label = Label(name="user", doc="Who it was.", limit=100)

    caught = list(lint(with_label(metrics.INTENTS, label, USER.name)))

    assert (
        "feed intent_detected -> bot_intents_total: the label user shows user, "
        "which is pseudonym; only public fields become labels"
    ) in caught


def test_a_series_explosion_is_caught() -> None:
    """Two innocent labels multiply, and a histogram multiplies again."""
    broken = with_label(metrics.LLM_DURATION, labels.COUNTRY, "country")

    (caught,) = lint(broken)

    assert "bot_llm_request_duration_seconds: may grow to 120,000 series" in caught


def test_an_edited_generated_file_is_caught(tmp_path: Path) -> None:
    """The next run would take the edit away without a word."""
    generated = generated_files()
    write(tmp_path, generated)
    schema = tmp_path / "docs/reference/events.schema.json"
    schema.write_text(schema.read_text("utf-8").replace("1000000000", "2000000000"), "utf-8")

    caught = check(tmp_path, generated)

    assert ["docs/reference/events.schema.json"] == [drift.path for drift in caught]
