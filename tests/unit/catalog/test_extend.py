"""Own events, labels and metrics: `exporter.catalog.extend`."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from exporter.catalog import extend as extend_module
from exporter.catalog.builtin import CATALOG
from exporter.catalog.extend import extend
from exporter.catalog.source import read_yaml
from exporter.catalog.spec import Catalog, Condition, Feed, FieldType, Kind, Operator
from exporter.model.errors import ConfigError
from exporter.model.units import Unit

from .cases import Case
from .event_cases import EVENT_CASES
from .metric_cases import METRIC_CASES

FILE = "own.yml"
HOW_TO = Path(__file__).parents[3] / "docs/how-to/own-events-and-metrics.md"
EXAMPLE = """\
    events:
      - name: order_shipped
        description: A parcel left the warehouse.
        fields:
          - {name: carrier, type: string, description: Who carries it., choices: [dhl, ups]}
          - {name: weight_kg, type: number, description: Weight., minimum: 0}
    labels:
      - {name: carrier, description: Parcel service., limit: 10}
    metrics:
      - name: bot_orders_shipped_total
        type: counter
        description: Parcels that left the warehouse.
        event: order_shipped
        labels: [carrier, bot]
        value: weight_kg
        when:
          - {field: carrier, op: eq, value: dhl}
"""


def extended(*files: str) -> Catalog:
    """Return the built-in catalogue with *files*."""
    documents = [read_yaml(dedent(text), FILE) for text in files]
    return extend(CATALOG, documents)


@pytest.mark.parametrize("case", [*EVENT_CASES, *METRIC_CASES], ids=lambda case: case.name)
def test_a_mistake_is_reported_with_its_place_and_remedy(case: Case) -> None:
    """The right file is taken; the wrong one is one problem with file, line and path."""
    extended(case.right)
    with pytest.raises(ConfigError) as refused:
        extended(case.wrong)

    [message] = map(str, refused.value.problems)
    assert f"{FILE}:{case.line}: {case.path}: " in message
    assert case.remedy in message


def test_the_example_becomes_an_event_a_metric_and_a_feed() -> None:
    """Own declarations are the same objects as built-in ones; the bot is the first label."""
    catalog = extended(EXAMPLE)

    metric = catalog.metric("bot_orders_shipped_total")
    assert (Kind.COUNTER, ("bot", "carrier"), 1000, False) == (
        metric.kind,
        tuple(label.name for label in metric.labels),
        metric.max_series,
        metric.builtin,
    )
    assert not catalog.by_event["order_shipped"].builtin
    when = (Condition(field="carrier", op=Operator.EQUAL, value="dhl"),)
    feed = Feed(event="order_shipped", metric=metric.name, value="weight_kg", when=when)
    assert feed == catalog.feeds[-1]


def test_what_the_documents_show_is_accepted() -> None:
    """The how-to and the docstring hold complete files."""
    blocks = re.findall(r"```yaml\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    docstring = re.search(r"::\n\n(    events:.*?)\n\n", extend_module.__doc__ or "", re.DOTALL)
    assert docstring is not None

    assert "shop_order_weight_kg" in extended(blocks[0]).by_metric
    assert "shop_order_weight_kg" in extended(docstring[1]).by_metric


def test_the_laws_of_the_catalogue_hold_for_own_metrics_too() -> None:
    """What only `lint` knows is reported at the declaration; wording is its author's business."""
    labels = "bot, platform, country, language, device"
    text = """\
        metrics:
          - {{name: shop_goals_total, type: counter, description: цели, event: goal, labels: [{}]}}
    """

    extended(text.format(labels.removesuffix(", device")))
    with pytest.raises(ConfigError) as refused:
        extended(text.format(labels))

    expected = "own.yml:2: metrics[0]: 5 labels; more than 4 belong into the event store"
    assert expected == str(refused.value)


def test_the_built_in_catalogue_stays_what_it_was() -> None:
    """Extending makes a new catalogue that begins with the old one."""
    before = len(CATALOG.metrics)

    catalog = extended(EXAMPLE)

    assert before == len(CATALOG.metrics)
    assert CATALOG.metrics == catalog.metrics[:before]
    assert CATALOG == extended("", "events: []", "metrics:")


def test_files_may_refer_to_each_other() -> None:
    """An event of one file feeds a metric of another, whatever their order."""
    events, _, metrics = EXAMPLE.partition("    metrics:")

    catalog = extended(f"    metrics:{metrics}", events)

    assert "bot_orders_shipped_total" in catalog.by_metric


def test_an_own_metric_may_count_a_built_in_event() -> None:
    """Only the fields that the event declares can be used."""
    catalog = extended("""\
        metrics:
          - name: shop_slow_calls_total
            type: counter
            description: Slow calls to a model.
            event: llm_call
            labels: [bot, model]
            when: [{field: duration_seconds, op: gt, value: 10}]
    """)

    assert ("bot", "model") == tuple(label.name for label in catalog.metrics[-1].labels)


def test_strings_get_a_length_and_numbers_bounds() -> None:
    """Nothing of an own event is unbounded, even when its author does not say so."""
    catalog = extended("""\
        events:
          - name: e
            description: D.
            fields:
              - {name: a, type: string, description: D.}
              - {name: b, type: string, description: D., privacy: content}
              - {name: c, type: integer, description: D.}
    """)

    a, b, c = catalog.by_event["e"].fields
    assert (64, "unknown") == (a.max_length, a.default)
    assert (65_536, None) == (b.max_length, b.default)
    assert (FieldType.INTEGER, -(2**53) + 1, 2**53 - 1) == (c.type, c.minimum, c.maximum)


def test_a_gauge_expires_after_a_day_unless_told() -> None:
    """A gauge that nobody sets any more must not stay for ever."""
    lines = """\
        events:
          - name: stock
            description: D.
            fields: [{{name: fill_ratio, type: number, description: D., unit: ratio}}]
        metrics:
          - {{name: shop_fill_ratio, type: gauge, description: D., event: stock, unit: ratio,
              value: fill_ratio{more}}}
    """

    default = extended(lines.format(more="")).metric("shop_fill_ratio")
    own = extended(lines.format(more=", ttl_seconds: 1h")).metric("shop_fill_ratio")

    assert (86_400, 3600) == (default.ttl_seconds, own.ttl_seconds)
    assert Unit.RATIO is default.unit


def test_an_open_field_never_uses_a_closed_label() -> None:
    """`outcome` is built in with fixed values; a field with other values needs its own label."""
    text = """\
        events:
          - name: e
            description: D.
            fields: [{name: outcome, type: string, description: D.}]
        metrics:
          - {name: shop_e_total, type: counter, description: D., event: e, labels: [outcome]}
    """
    own = "labels: [{name: outcome, description: D., limit: 3}]"

    with pytest.raises(ConfigError, match="add it under `labels:`"):
        extended(text)
    [label] = extended(text, own).metric("shop_e_total").labels

    assert (3, ()) == (label.limit, label.choices)


def test_every_mistake_of_every_file_is_reported_at_once() -> None:
    """Nobody repairs a file mistake by mistake; what follows from another mistake stays out."""
    first = """\
        events:
          - {name: broken, description: D., fields: [{name: f, type: sting, description: D.}]}
          - {name: goal, description: D.}
          - 5
        unknown: 1
    """
    second = """\
        labels:
          - {name: le, description: D., limit: 0}
          - {name: le, description: D., limit: 1}
        metrics:
          - {name: shop_a_total, type: counter, description: D., event: broken}
          - {name: shop_b, type: counter, description: D., event: nothing}
        metrics: []
    """

    with pytest.raises(ConfigError) as refused:
        extended(first, second)

    places = [(problem.line, problem.path) for problem in refused.value.problems]
    assert [
        (2, "events[0].fields[0].type"),
        (2, "labels[0].limit"),
        (3, "events[1].name"),
        (3, "labels[1].name"),
        (4, "events[2]"),
        (5, "unknown"),
        (6, "metrics[1].event"),
        (6, "metrics[1].name"),
        (7, "metrics"),
    ] == places


def test_a_label_of_the_same_name_is_no_event() -> None:
    """A name counts where it is declared."""
    text = """\
        labels: [{name: parcel, description: D., limit: 1}]
        metrics: [{name: shop_a_total, type: counter, description: D., event: parcel}]
    """

    with pytest.raises(ConfigError, match=r"own.yml:2: metrics\[0\].event: unknown event type"):
        extended(text)


def test_there_is_room_for_as_many_event_types_as_the_label_keeps_apart() -> None:
    """A type beyond the limit of the label `event` would vanish in `_other`."""
    room = 100 - len(CATALOG.events)
    lines = [f"  - {{name: own_{n}, description: D.}}" for n in range(room + 1)]

    extended("\n".join(["events:", *lines[:-1]]))
    with pytest.raises(ConfigError, match=f"only {room} own event types fit"):
        extended("\n".join(["events:", *lines]))


def test_a_document_that_is_no_mapping_is_refused() -> None:
    """A list at the top is the most frequent slip."""
    with pytest.raises(ConfigError, match=r"own.yml:1: expected a mapping"):
        extended("- events")
