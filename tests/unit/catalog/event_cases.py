"""Every kind of mistake in own events, fields and labels, with its correct twin."""

from .cases import Case


def _field(name: str, *, good: str, bad: str, key: str, remedy: str) -> Case:
    """Return a case about one field of an event."""
    lines = "events:\n  - name: e\n    description: D.\n    fields:\n      - {{{}}} {}\n"
    return Case(
        name=name,
        good=lines.format(f"name: f, description: D., {good}", ""),
        bad=lines.format(f"name: f, description: D., {bad}", "# <-"),
        path=f"events[0].fields[0].{key}",
        remedy=remedy,
    )


SHAPES = [
    Case(
        name="unknown key",
        good="labels: [{name: a, description: D., limit: 1}]",
        bad="labels: [{name: a, description: D., limit: 1, limits: 1}] # <-",
        path="labels[0].limits",
        remedy="did you mean 'limit'?",
    ),
    Case(
        name="missing key",
        good="labels: [{name: a, description: D., limit: 1}]",
        bad="labels: [{name: a, limit: 1}] # <-",
        path="labels[0]",
        remedy="'description' is missing; add it",
    ),
    Case(
        name="bad name",
        good="events: [{name: order_shipped, description: D.}]",
        bad="events: [{name: Order-Shipped, description: D.}] # <-",
        path="events[0].name",
        remedy="write something like order_shipped",
    ),
    Case(
        name="newline at the end of a name",
        good="events: [{name: order_shipped, description: D.}]",
        bad='events: [{name: "order_shipped\\n", description: D.}] # <-',
        path="events[0].name",
        remedy="write something like order_shipped",
    ),
]
NAMES = [
    Case(
        name="event is built in",
        good="events: [{name: wish, description: D.}]",
        bad="events: [{name: goal, description: D.}] # <-",
        path="events[0].name",
        remedy="choose another name",
    ),
    Case(
        name="event twice",
        good="events:\n  - {name: a, description: D.}\n  - {name: b, description: D.}",
        bad="events:\n  - {name: a, description: D.}\n  - {name: a, description: D.} # <-",
        path="events[1].name",
        remedy="declared already at own.yml:2; remove one of them",
    ),
    Case(
        name="event with a reserved prefix",
        good="events: [{name: bot_wish, description: D.}]",
        bad="events: [{name: bot_exporter_wish, description: D.}] # <-",
        path="events[0].name",
        remedy="choose another name",
    ),
    Case(
        name="label is built in",
        good="labels: [{name: depot, description: D., limit: 5}]",
        bad="labels: [{name: intent, description: D., limit: 5}] # <-",
        path="labels[0].name",
        remedy="set `limits.labels.intent`",
    ),
    *(
        Case(
            name=f"label {name}",
            good="labels: [{name: depot, description: D., limit: 5}]",
            bad=f"labels: [{{name: {name}, description: D., limit: 5}}] # <-",
            path="labels[0].name",
            remedy="choose another name",
        )
        for name in ("le", "quantile", "job", "instance", "env", "region", "service", "type")
    ),
]
FIELDS = [
    Case(
        name="field of the envelope",
        good="events: [{name: e, description: D., "
        "fields: [{name: f, type: string, description: D.}]}]",
        bad="events: [{name: e, description: D., "
        "fields: [{name: user, type: string, description: D.}]}] # <-",
        path="events[0].fields[0].name",
        remedy="choose another name",
    ),
    _field(
        "choices of a number",
        good="type: string, choices: [a]",
        bad="type: number, choices: [a]",
        key="choices",
        remedy="write `type: string`",
    ),
    _field(
        "choice twice",
        good="type: string, choices: [a, b]",
        bad="type: string, choices: [a, a]",
        key="choices[1]",
        remedy="remove one",
    ),
    _field(
        "choice called like the overflow",
        good="type: string, choices: [other]",
        bad="type: string, choices: [_other]",
        key="choices[0]",
        remedy="rename it",
    ),
    _field(
        "length and choices",
        good="type: string, max_length: 5",
        bad="type: string, max_length: 5, choices: [a]",
        key="max_length",
        remedy="remove one of the two",
    ),
    _field(
        "length of a number",
        good="type: string, max_length: 5",
        bad="type: integer, max_length: 5",
        key="max_length",
        remedy="remove it",
    ),
    _field(
        "long public text",
        good="type: string, max_length: 5000, privacy: content",
        bad="type: string, max_length: 5000",
        key="max_length",
        remedy="`privacy: content`",
    ),
    _field(
        "bound of a string",
        good="type: number, minimum: 1",
        bad="type: string, minimum: 1",
        key="minimum",
        remedy="remove it",
    ),
    _field(
        "fractional bound of an integer",
        good="type: integer, minimum: 1",
        bad="type: integer, minimum: 0.5",
        key="minimum",
        remedy="is whole; write",
    ),
    _field(
        "bounds the wrong way round",
        good="type: number, minimum: 1, maximum: 2",
        bad="type: number, minimum: 2, maximum: 1",
        key="minimum",
        remedy="swap them",
    ),
    _field(
        "unit of a string",
        good="type: number, unit: ratio",
        bad="type: string, unit: ratio",
        key="unit",
        remedy="remove it",
    ),
    _field(
        "unit that the name does not show",
        good="type: number",
        bad="type: number, unit: bytes",
        key="name",
        remedy="write f_bytes",
    ),
    _field(
        "ratio in percent",
        good="type: number, unit: ratio, maximum: 1",
        bad="type: number, unit: ratio, maximum: 100",
        key="unit",
        remedy="correct minimum and maximum",
    ),
    _field(
        "unit of a moment",
        good="type: timestamp",
        bad="type: timestamp, unit: seconds",
        key="unit",
        remedy="remove it",
    ),
    _field(
        "moment as a number",
        good="type: timestamp, unit: timestamp_seconds",
        bad="type: number, unit: timestamp_seconds",
        key="unit",
        remedy="write `type: timestamp`",
    ),
    _field(
        "personal number",
        good="type: string, privacy: pseudonym",
        bad="type: number, privacy: pseudonym",
        key="privacy",
        remedy="write public or internal",
    ),
    _field(
        "personal choices",
        good="type: string, privacy: public, choices: [a]",
        bad="type: string, privacy: contact, choices: [a]",
        key="choices",
        remedy="remove them",
    ),
    _field(
        "default of a required field",
        good="type: string, default: a",
        bad="type: string, default: a, required: true",
        key="default",
        remedy="remove one of the two",
    ),
    _field(
        "default of a number",
        good="type: boolean, default: true",
        bad="type: number, default: true",
        key="default",
        remedy="remove it",
    ),
    _field(
        "default of the wrong type",
        good="type: boolean, default: true",
        bad='type: boolean, default: "true"',
        key="default",
        remedy="is true or false",
    ),
    _field(
        "default outside the choices",
        good="type: string, choices: [a], default: a",
        bad="type: string, choices: [a], default: b",
        key="default",
        remedy="add it to them",
    ),
    _field(
        "default that is too long",
        good="type: string, max_length: 3, default: abc",
        bad="type: string, max_length: 3, default: abcd",
        key="default",
        remedy="correct it",
    ),
    _field(
        "default of a personal field",
        good="type: string, default: a",
        bad="type: string, default: a, privacy: content",
        key="default",
        remedy="remove it",
    ),
]

EVENT_CASES = [*SHAPES, *NAMES, *FIELDS]
