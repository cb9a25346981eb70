"""Every kind of mistake in own metrics, with its correct twin."""

from textwrap import indent

from .cases import Case

EVENT = """\
events:
  - name: order_shipped
    description: A parcel left.
    fields:
      - {name: carrier, type: string, description: Who., choices: [dhl, ups], required: true}
      - {name: depot, type: string, description: Where., required: true}
      - {name: agent, type: string, description: Who., privacy: internal}
      - {name: express, type: boolean, description: Fast., default: false}
      - {name: weight_kg, type: number, description: Weight., minimum: 0}
      - {name: balance, type: number, description: May shrink.}
      - {name: took_seconds, type: number, description: Time., unit: seconds, minimum: 0}
      - {name: due, type: timestamp, description: When.}
      - {name: lane, type: string, description: Lane., choices: [a, b]}
      - {name: note, type: string, description: Words., privacy: content}
labels:
  - {name: carrier, description: Parcel service., limit: 10}
  - {name: express, description: Fast., limit: 2}
  - {name: lane, description: Lane., limit: 2}
metrics:
"""
METRIC = """\
  - name: shop_orders_total
    type: counter
    description: Orders.
    event: order_shipped
"""


def _metric(name: str, *, good: str, bad: str, path: str, remedy: str) -> Case:
    """Return a case about the lines that follow the first lines of a metric."""
    return Case(
        name=name,
        good=EVENT + METRIC + indent(good, "    "),
        bad=EVENT + METRIC + indent(bad, "    "),
        path=f"metrics[0].{path}",
        remedy=remedy,
    )


def _named(name: str, *, good: str, bad: str, remedy: str, more: str = "") -> Case:
    """Return a case about ``name`` and ``type`` of a metric."""
    lines = "  - {{name: {}, description: D., event: order_shipped" + more + "}} {}\n"
    return Case(
        name=name,
        good=EVENT + lines.format(good, ""),
        bad=EVENT + lines.format(bad, "# <-"),
        path="metrics[0].name",
        remedy=remedy,
    )


METRIC_NAMES = [
    _named(
        "counter without _total",
        good="shop_orders_total, type: counter",
        bad="shop_orders, type: counter",
        remedy="write shop_orders_total",
    ),
    _named(
        "gauge with _total",
        good="shop_orders, type: gauge, value: balance",
        bad="shop_orders_total, type: gauge, value: balance",
        remedy="write `type: counter` or shop_orders",
    ),
    _named(
        "ending of a histogram",
        good="shop_orders, type: gauge, value: balance",
        bad="shop_orders_sum, type: gauge, value: balance",
        remedy="choose another name",
    ),
    _named(
        "name of the exporter",
        good="bot_orders_total, type: counter",
        bad="bot_exporter_orders_total, type: counter",
        remedy="choose another name",
    ),
    _named(
        "name of another program",
        good="bot_orders_total, type: counter",
        bad="process_orders_total, type: counter",
        remedy="write bot_process_orders_total",
    ),
    _named(
        "no base unit",
        good="shop_packing_seconds, type: gauge, value: took_seconds, unit: seconds",
        bad="shop_packing_minutes, type: gauge, value: balance",
        remedy="convert to seconds",
    ),
    _named(
        "unit missing",
        good="shop_packing_bytes_total, type: counter, unit: bytes",
        bad="shop_packing_bytes_total, type: counter",
        remedy="add `unit: bytes`",
    ),
    _named(
        "unit not in the name",
        good="shop_packing_bytes_total, type: counter, unit: bytes",
        bad="shop_packing_total, type: counter, unit: bytes",
        remedy="write shop_packing_bytes_total",
    ),
    _named(
        "name of a built-in metric",
        good="bot_happenings_total, type: counter",
        bad="bot_events_total, type: counter",
        remedy="choose another name",
    ),
    _named(
        "family of a built-in metric",
        good="bot_happenings, type: gauge, value: balance",
        bad="bot_events, type: gauge, value: balance",
        remedy="clashes with the built-in bot_events_total",
    ),
    Case(
        name="two own metrics of one family",
        good=EVENT + METRIC + "  - {name: shop_order, type: gauge, description: D., "
        "event: order_shipped, value: balance}",
        bad=EVENT + METRIC + "  - {name: shop_orders, type: gauge, description: D., "
        "event: order_shipped, value: balance} # <-",
        path="metrics[1].name",
        remedy="clashes with shop_orders_total at own.yml:20",
    ),
]
METRICS = [
    _metric(
        "unknown field as value",
        good="value: weight_kg",
        bad="value: weight # <-",
        path="value",
        remedy="did you mean 'weight_kg'?",
    ),
    _metric(
        "text as value",
        good="value: weight_kg",
        bad="value: carrier # <-",
        path="value",
        remedy="name a number",
    ),
    _metric(
        "counter that could shrink",
        good="value: weight_kg",
        bad="value: balance # <-",
        path="value",
        remedy="set `minimum: 0` on balance",
    ),
    _metric(
        "buckets of a counter",
        good="",
        bad="buckets: [1] # <-",
        path="buckets",
        remedy="remove them",
    ),
    _metric(
        "counter that expires",
        good="",
        bad="ttl_seconds: 1d # <-",
        path="ttl_seconds",
        remedy="remove it",
    ),
    _metric(
        "unknown label",
        good="labels: [bot, carrier]",
        bad="labels: [bot, carier] # <-",
        path="labels[1]",
        remedy="did you mean 'carrier'?",
    ),
    _metric(
        "label twice",
        good="labels: [bot, carrier]",
        bad="labels: [bot, bot] # <-",
        path="labels[1]",
        remedy="remove one",
    ),
    _metric(
        "label without a limit",
        good="labels: [bot, carrier]",
        bad="labels: [bot, depot] # <-",
        path="labels[1]",
        remedy="add it under `labels:`",
    ),
    _metric(
        "number as label",
        good="labels: [express]",
        bad="labels: [weight_kg] # <-",
        path="labels[0]",
        remedy="use a string or boolean",
    ),
    _metric(
        "private label",
        good="labels: [carrier]",
        bad="labels: [agent] # <-",
        path="labels[0]",
        remedy="only public fields",
    ),
    _metric(
        "personal label",
        good="labels: [bot]",
        bad="labels: [user] # <-",
        path="labels[0]",
        remedy="only public fields",
    ),
    _metric(
        "label that events may lack",
        good="labels: [lane]\nwhen: [{field: lane, op: present}]",
        bad="labels: [lane] # <-",
        path="labels[0]",
        remedy="add {field: lane, op: present} to `when`",
    ),
    _metric(
        "version as label",
        good="labels: [bot]",
        bad="labels: [version] # <-",
        path="labels[0]",
        remedy="join with it",
    ),
    _metric(
        "condition on an unknown field",
        good="when: [{field: carrier, op: eq, value: dhl}]",
        bad="when: [{field: carier, op: eq, value: dhl}] # <-",
        path="when[0].field",
        remedy="did you mean 'carrier'?",
    ),
    _metric(
        "value that is no choice",
        good="when: [{field: carrier, op: ne, value: ups}]",
        bad="when: [{field: carrier, op: ne, value: upss}] # <-",
        path="when[0]",
        remedy="did you mean 'ups'?",
    ),
    _metric(
        "order of texts",
        good="when: [{field: weight_kg, op: lt, value: 3}]",
        bad="when: [{field: carrier, op: lt, value: dhl}] # <-",
        path="when[0]",
        remedy="use eq or ne",
    ),
    _metric(
        "number compared with text",
        good="when: [{field: weight_kg, op: eq, value: 3}]",
        bad='when: [{field: weight_kg, op: eq, value: "3"}] # <-',
        path="when[0]",
        remedy="write a number",
    ),
    _metric(
        "boolean compared with text",
        good="when: [{field: express, op: eq, value: true}]",
        bad='when: [{field: express, op: eq, value: "true"}] # <-',
        path="when[0]",
        remedy="compare it with one",
    ),
    _metric(
        "comparison without a value",
        good="when: [{field: carrier, op: eq, value: dhl}]",
        bad="when: [{field: carrier, op: eq}] # <-",
        path="when[0]",
        remedy="add what carrier is compared with",
    ),
    _metric(
        "present with a value",
        good="when: [{field: carrier, op: present}]",
        bad="when: [{field: carrier, op: present, value: dhl}] # <-",
        path="when[0]",
        remedy="takes no value; remove it",
    ),
    _metric(
        "comparison of a time",
        good="when: [{field: due, op: present}]",
        bad="when: [{field: due, op: gt, value: 3}] # <-",
        path="when[0]",
        remedy="use `present`",
    ),
    _metric(
        "comparison of people's words",
        good="when: [{field: note, op: present}]",
        bad="when: [{field: note, op: eq, value: x}] # <-",
        path="when[0]",
        remedy="only `present`",
    ),
    Case(
        name="unknown event",
        good=EVENT + METRIC,
        bad=EVENT + METRIC.replace("order_shipped", "order_shiped # <-"),
        path="metrics[0].event",
        remedy="did you mean 'order_shipped'?",
    ),
    Case(
        name="gauge without a value",
        good=EVENT + "  - {name: shop_b, type: gauge, description: D., event: order_shipped, "
        "value: balance}",
        bad=EVENT + "  - {name: shop_b, type: gauge, description: D., event: order_shipped} # <-",
        path="metrics[0]",
        remedy="name the field that the gauge shows",
    ),
    Case(
        name="unit of the value",
        good=EVENT + "  - {name: shop_b_seconds, type: gauge, description: D., "
        "event: order_shipped, value: took_seconds, unit: seconds}",
        bad=EVENT + "  - {name: shop_b, type: gauge, description: D., event: order_shipped, "
        "value: took_seconds} # <-",
        path="metrics[0].value",
        remedy="add `unit: seconds`",
    ),
    Case(
        name="histogram without buckets",
        good=EVENT + "  - {name: shop_b, type: histogram, description: D., event: order_shipped, "
        "value: weight_kg, buckets: [1, 2]}",
        bad=EVENT + "  - {name: shop_b, type: histogram, description: D., event: order_shipped, "
        "value: weight_kg} # <-",
        path="metrics[0]",
        remedy="add upper bounds",
    ),
    Case(
        name="unsorted buckets",
        good=EVENT + "  - {name: shop_b, type: histogram, description: D., event: order_shipped, "
        "value: weight_kg, buckets: [1, 2]}",
        bad=EVENT + "  - {name: shop_b, type: histogram, description: D., event: order_shipped, "
        "value: weight_kg, buckets: [2, 1]} # <-",
        path="metrics[0].buckets[1]",
        remedy="sort the bounds",
    ),
    Case(
        name="limit below the choices",
        good=EVENT + METRIC + "    labels: [carrier]",
        bad=(EVENT + METRIC + "    labels: [carrier] # <-").replace("limit: 10", "limit: 1"),
        path="metrics[0].labels[0]",
        remedy="raise the limit",
    ),
]
METRIC_CASES = [*METRIC_NAMES, *METRICS]
