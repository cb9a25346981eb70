"""Any text as a label value: cleaned, within its limit, and read back from the scrape."""

from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import Metric
from exporter.metrics.guard import Guard, Limits
from exporter.metrics.render import counter
from exporter.metrics.rows import Table, build_tables, values_of
from tests.fuzz.live import CONTROL
from tests.unit.metrics.parsers import parsed, samples

LONGEST = 128
MOST_ROWS = 5  # Few enough that the limit is met as well.
_METRIC: Metric = CATALOG.metric("bot_tracked_total")


def label(data: bytes) -> str:
    """Count under *data* as the value of an open label, and read the sample back."""
    text = data.decode("utf-8", "replace")
    (table,) = build_tables([_METRIC])
    guard = _guard(table)
    row = guard.row(table, ("shop", text))
    row[table.slots[0].offset] += 1
    ((key, _),) = table.rows.items()
    bot, value = values_of(key)
    assert bot == "shop"
    _check(value)
    assert guard.row(table, ("shop", value)) is row, "what was cleaned is cleaned again"
    _read_back(table, value)
    _check_limits(text, guard, table)
    if value == text:
        return "as it is"
    return "masked" if "[masked]" in value else "replaced"


def _guard(table: Table) -> Guard:
    limits = Limits(metrics={_METRIC.name: MOST_ROWS})
    return Guard([table], limits, on_drop=lambda *_: None, on_row=lambda *_: None)


def _check(value: str) -> None:
    assert 0 < len(value) <= LONGEST, value
    assert not CONTROL.search(value), repr(value)
    value.encode()


def _read_back(table: Table, value: str) -> None:
    page = "".join(counter(table, table.slots[0]))
    for openmetrics in (False, True):
        # The families' headers are left out: the type of a sample alone is unknown.
        head = f"# TYPE {_METRIC.family if openmetrics else _METRIC.name} counter\n"
        text = head + page + ("# EOF\n" if openmetrics else "")
        (sample,) = samples(parsed(text, openmetrics=openmetrics))
        assert {"bot": "shop", "name": value} == dict(sample.labels), sample


def _check_limits(text: str, guard: Guard, table: Table) -> None:
    """Check that pieces of the text as further values make no more rows than the limit allows."""
    for start in range(0, len(text), max(1, len(text) // (2 * MOST_ROWS))):
        guard.row(table, ("shop", text[start:]))
    assert len(table.rows) <= MOST_ROWS + 1, len(table.rows)
