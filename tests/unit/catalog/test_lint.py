"""The laws of the catalogue: the built-in one keeps them, and each of them bites."""

import pytest

from exporter.catalog.builtin import CATALOG
from exporter.catalog.extend import extend
from exporter.catalog.lint import lint
from exporter.catalog.lint_metrics import MOST_SERIES, possible_series
from exporter.catalog.source import load_yaml
from exporter.catalog.spec import Catalog

from . import lint_cases, small

UNSOUND = [
    *lint_cases.METRICS,
    *lint_cases.EVENTS,
    *lint_cases.LABELS,
    *lint_cases.FEEDS,
]
OWN = """\
events:
  - name: order_shipped
    description: A parcel left the warehouse.
    fields:
      - {name: carrier, type: string, description: Who carries it., choices: [dhl, ups]}
      - {name: weight_kg, type: number, description: Weight., minimum: 0}
labels:
  - {name: carrier, description: Parcel service., limit: 10}
metrics:
  - name: orders_shipped_total
    type: counter
    description: Parcels that left the warehouse.
    event: order_shipped
    labels: [bot, carrier]
    when: [{field: carrier, op: present}]
  - name: bot_order_weight
    type: histogram
    description: Weight of parcels.
    event: order_shipped
    value: weight_kg
    buckets: [1, 5, 10]
"""


def test_the_built_in_catalogue_is_sound() -> None:
    """Nothing is released that breaks a law."""
    assert [] == list(lint(CATALOG))


def test_a_small_catalogue_is_sound() -> None:
    """The cases below differ from it by one mistake."""
    assert [] == list(lint(small.SOUND))


@pytest.mark.parametrize(("catalog", "sentence"), UNSOUND, ids=[text for _, text in UNSOUND])
def test_a_mistake_is_named(catalog: Catalog, sentence: str) -> None:
    """Each law notices its own breach and says what is wrong."""
    problems = list(lint(catalog))

    assert any(sentence in problem for problem in problems), problems


@pytest.mark.parametrize("catalog", lint_cases.SOUND.values(), ids=lint_cases.SOUND)
def test_what_only_looks_odd_passes(catalog: Catalog) -> None:
    """A law that forbids sound declarations gets switched off."""
    assert [] == list(lint(catalog))


def test_own_declarations_keep_the_laws() -> None:
    """What the check of users' YAML lets through, the laws of the catalogue let through."""
    extended = extend(CATALOG, [load_yaml(OWN, "own.yml")])

    assert [] == list(lint(extended))


def test_a_family_shows_no_more_series_than_its_limits_allow() -> None:
    """An open label has one value more than its limit, `_other`; a histogram counts per bucket."""
    assert 51 * 11 == possible_series(small.PARCELS)
    assert 51 * (2 + 3) == possible_series(small.TRAVEL)


def test_the_whole_catalogue_stays_small_at_worst() -> None:
    """Fifty bots at every limit still fit into one scrape of a usual Prometheus."""
    most = sum(possible_series(metric) for metric in CATALOG.metrics)

    assert 6 * MOST_SERIES > most
