"""The reference pages name everything that is declared, and their examples can be sent."""

import json
import re
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator
from msgspec.json import Decoder

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.catalog.events_page import events_reference
from exporter.catalog.examples import OWN_FIELDS, example
from exporter.catalog.markdown import link, page, table
from exporter.catalog.reference import labels_reference, metrics_reference
from exporter.catalog.schema import event_schema
from exporter.catalog.subjects import Subject, subject_of_metric
from tests.mentions import anchors, links

from . import small

METRICS = metrics_reference(CATALOG)
EVENTS = events_reference(CATALOG)
EXAMPLES = re.findall(r"^```json\n(.+)\n```$", EVENTS, re.MULTILINE)


def row(text: str, name: str) -> str:
    """Return the line of the table that begins with *name*."""
    return next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))


@pytest.mark.parametrize("metric", CATALOG.metrics, ids=lambda metric: metric.name)
def test_every_metric_has_a_line(metric: object) -> None:
    """Its name, kind and meaning stand in one row."""
    known = next(each for each in CATALOG.metrics if each is metric)

    found = row(METRICS, known.name)

    assert f"| {known.kind.value} |" in found
    assert known.help in found


def test_a_line_says_what_moves_the_metric() -> None:
    """Event, field, condition and fixed label are there, in words a bot author knows."""
    assert "`intent_detected.confidence`" in row(METRICS, "bot_intent_confidence_ratio")
    assert "`feedback` if `nps ≥ 7` and `nps ≤ 8` as `passive`" in row(
        METRICS, "bot_nps_responses_total"
    )
    assert "`deploy` if `version` is sent" in row(METRICS, "bot_version_info")
    assert "every event (its arrival)" in row(METRICS, "bot_last_event_timestamp_seconds")


def test_a_line_shows_limits_buckets_and_time_to_live() -> None:
    """What a person needs for a query and for a budget of series."""
    assert "`bot` 50, `intent` 100" in row(METRICS, "bot_intents_total")
    assert "Buckets: 1, 2, 3, 4, 5." in row(METRICS, "bot_csat_score")
    assert "Leaves 1 h after it was set." in row(METRICS, "bot_queue_depth")
    assert "Leaves 7 d after it was set." in row(METRICS, "bot_version_info")


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("bot_turns_total", Subject.CONVERSATIONS),
        ("bot_llm_cost_usd_total", Subject.AI),
        ("bot_revenue_total", Subject.BUSINESS),
        ("bot_expected_silence_seconds", Subject.OPERATIONS),
        ("bot_exporter_series", Subject.EXPORTER),
    ],
)
def test_metrics_are_grouped_by_subject(name: str, subject: Subject) -> None:
    """A reader finds money with money and queues with queues."""
    assert subject is subject_of_metric(CATALOG.metric(name), CATALOG)


def test_own_metrics_and_events_have_a_chapter_of_their_own() -> None:
    """What a user added is told from what ships."""
    own = replace(
        small.counter(builtin=False),
        events=(replace(small.SHIPPED, builtin=False),),
    )

    assert "## Your own" in metrics_reference(own)
    assert "| Your own | [`shipped`](#shipped) |" in events_reference(own)


@pytest.mark.parametrize("text", [METRICS, EVENTS], ids=["metrics", "events"])
def test_every_link_of_the_index_leads_to_a_heading(text: str) -> None:
    """The index at the top of a page works."""
    targets = {target.removeprefix("#") for target in links(text) if target.startswith("#")}

    assert targets
    assert targets <= anchors(text)


@pytest.mark.parametrize("event", CATALOG.events, ids=lambda event: event.name)
def test_every_event_has_a_chapter_with_its_fields(event: object) -> None:
    """Each own field stands in the table below the heading of its type."""
    known = next(each for each in CATALOG.events if each is event)

    chapter = EVENTS.split(f"\n## {known.name}\n")[1].split("\n## ")[0]

    assert known.doc in chapter
    assert all(field.doc in row(chapter, field.name) for field in known.fields)


def test_every_type_has_an_example_written_by_hand() -> None:
    """Made-up values teach nothing."""
    assert {event.name for event in CATALOG.events} == set(OWN_FIELDS)


def test_the_examples_of_the_page_are_the_events_themselves() -> None:
    """There is one example per type, and it is JSON."""
    assert [example(event, CATALOG) for event in CATALOG.events] == [
        json.loads(text) for text in EXAMPLES
    ]


def test_the_examples_of_the_page_can_be_sent() -> None:
    """The schema allows each of them and the decoder takes it."""
    checker = Draft202012Validator.FORMAT_CHECKER
    validator = Draft202012Validator(event_schema(CATALOG), format_checker=checker)
    decoder = Decoder(event_structs(CATALOG, strict=True).union)

    for text in EXAMPLES:
        validator.validate(json.loads(text))
        assert json.loads(text)["bot"] == decoder.decode(text).bot


def test_an_own_event_gets_an_example_that_can_be_sent() -> None:
    """Values made from types and bounds are valid, if dull."""
    own = small.catalog(events=(replace(small.SHIPPED, builtin=False),))

    shown = example(own.events[0], own)

    assert {"type": "shipped", "bot": "shop", "carrier": "carrier", "travel_seconds": 1} == shown


def test_a_closed_label_lists_its_values() -> None:
    """Queries can be written without looking at the data."""
    assert "| 2 | `up`, `down` | `bot_thumbs_total` |" in labels_reference(CATALOG)


def test_a_bar_inside_a_cell_does_not_end_it() -> None:
    """A description may hold any character."""
    assert "| a |\n| --- |\n| x \\| y |\n" == table(["a"], [["x | y"]])


def test_links_follow_the_names_github_gives_to_headings() -> None:
    """Blanks become dashes, signs go."""
    assert "[x](#a-b--c)" == link("x", "A b & c!")


def test_parts_of_a_page_are_set_apart() -> None:
    """Markdown needs an empty line between a heading and a table."""
    assert "# A\n\nb\n" == page("# A", "", "b\n")
