"""Events and metrics that an operator declares, hostile strings included."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.catalog.document import Plain
from exporter.catalog.spec import Catalog

from .parsers import parsed
from .reference import UNSHRUNK, Reference, every_type
from .world import EPOCH, World, extended

HOSTILE = (
    'quote"',
    "apostrophe'''",
    "line\nbreak",
    "carriage\rreturn",
    "{brace} {{double}}",
    "%s %d %(now)s",
    "back\\slash\\",
    "__import__('os').system('false')",
    'c0"); raise SystemExit #',
    "\u2028separator",
    "\x00nul",
    "🤖",
)
# What stays as it is in a label: no control characters, no addresses.
HARMLESS = st.text(st.characters(categories=["L", "N", "S"], include_characters="\"'\\{}%, "))


def field(name: str, kind: str, **more: Plain) -> dict[str, Plain]:
    """Return the declaration of a field."""
    return {"name": name, "type": kind, "description": "D.", **more}


def counter(name: str, *when: dict[str, Plain], **more: Plain) -> dict[str, Plain]:
    """Return the declaration of a counter that `probe` events move."""
    head: dict[str, Plain] = {"name": name, "type": "counter", "description": "D."}
    return {**head, "event": "probe", "when": list(when), **more}


def compared(name: str, op: str, value: Plain = None) -> dict[str, Plain]:
    """Return a condition."""
    return {"field": name, "op": op, "value": value}


def probes(*fields: dict[str, Plain]) -> list[dict[str, Plain]]:
    """Return the event type `probe` with *fields*."""
    return [{"name": "probe", "description": "D.", "fields": list(fields)}]


def by_choice(*choices: str) -> Catalog:
    """Return a catalogue that counts probes by, and under the condition of, a choice."""
    return extended(
        events=probes(field("word", "string", choices=list(choices), required=True)),
        labels=[{"name": "word", "description": "D.", "limit": 100}],
        metrics=[
            counter("own_words_total", labels=["bot", "word"]),
            *(
                counter(f"own_{op}_{index}_total", compared("word", op, word))
                for op in ("eq", "ne")
                for index, word in enumerate(choices)
            ),
        ],
    )


@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_strings_are_compared_and_never_run(word: str) -> None:
    """Code holds only names of ours; what an operator wrote is bound as a constant."""
    world = World(by_choice(word, "plain"))

    world.send(*({"type": "probe", "bot": "shop", "word": w} for w in (word, word, "plain")))

    counts = [world.series()[f"own_{op}_{n}_total"] for op in ("eq", "ne") for n in (0, 1)]
    assert [2, 1, 1, 2] == counts
    [family] = [f for f in parsed(world.page(), openmetrics=False) if f.name == "own_words"]
    assert {1, 2} == {sample.value for sample in family.samples}


@settings(max_examples=20)
@given(st.lists(HARMLESS.filter(bool), min_size=2, max_size=4, unique=True))
def test_choices_become_labels_letter_by_letter(words: list[str]) -> None:
    """Every choice is its own series, and the parser of the library reads it back."""
    world = World(by_choice(*(word[:64] for word in words)))

    world.send(*({"type": "probe", "bot": "shop", "word": word[:64]} for word in words))

    families = parsed(world.page(), openmetrics=False)
    [family] = [family for family in families if family.name == "own_words"]
    assert {word[:64]: 1 for word in words} == {s.labels["word"]: s.value for s in family.samples}


def test_names_of_fields_never_meet_the_names_of_the_code() -> None:
    """A field called like a variable of the generated code gets an attribute of ours."""
    names = ("e", "r", "v", "i", "now", "arrival", "miss", "bisect", "hook", "t0", "c0", "x0", "x1")
    catalog = extended(
        events=probes(*(field(name, "integer", minimum=0) for name in names)),
        metrics=[counter(f"own_{n}_total", compared(n, "ge", 2.0), value=n) for n in names],
    )
    world = World(catalog)

    world.send({"type": "probe", "bot": "shop", **dict.fromkeys(names, 2)})
    world.send({"type": "probe", "bot": "shop", **dict.fromkeys(names, 1)})

    assert [2] * len(names) == [world.series()[f"own_{name}_total"] for name in names]


def test_a_condition_on_an_absent_field_does_not_hold() -> None:
    """Neither `ne` nor `lt` holds of nothing; `present` holds of 0 and false."""
    catalog = extended(
        events=probes(
            field("size", "number"),
            field("flag", "boolean"),
            field("word", "string", privacy="internal"),
        ),
        metrics=[
            counter("own_small_total", compared("size", "lt", 5.0)),
            counter("own_sized_total", compared("size", "present")),
            counter("own_unset_total", compared("flag", "ne", value=True)),
            counter("own_flagged_total", compared("flag", "present")),
            counter("own_other_total", compared("word", "ne", "a")),
        ],
    )
    world = World(catalog)

    world.send({"type": "probe", "bot": "shop"}, {"type": "probe", "bot": "shop", "size": None})
    absent = world.moved()
    world.send({"type": "probe", "bot": "shop", "size": 0, "flag": False, "word": "b"})

    assert {} == absent
    assert dict.fromkeys(world.moved(), 1) == world.moved()
    assert 5 == len(world.moved())


def test_conditions_with_different_outcomes_share_no_row_by_accident() -> None:
    """Each of two conditional counters makes the row only when it moves."""
    catalog = extended(
        events=probes(field("word", "string", required=True), field("size", "number")),
        labels=[{"name": "word", "description": "D.", "limit": 9}],
        metrics=[
            counter("own_small_total", compared("size", "lt", 5.0), labels=["bot", "word"]),
            counter("own_large_total", compared("size", "ge", 5.0), labels=["bot", "word"]),
        ],
    )
    world = World(catalog)

    world.send({"type": "probe", "bot": "shop", "word": "none"})
    world.send({"type": "probe", "bot": "shop", "word": "big", "size": 9})

    own = {name: value for name, value in world.series().items() if name.startswith("own_")}
    labels = '{bot="shop",word="big"}'
    assert {f"own_small_total{labels}": 0, f"own_large_total{labels}": 1} == own


def test_a_metric_without_labels_counts_for_all_bots() -> None:
    """The label list of its series is empty, not a pair of empty braces."""
    world = World(extended(events=probes(), metrics=[counter("own_probes_total")]))

    world.send({"type": "probe", "bot": "shop"}, {"type": "probe", "bot": "help"})

    assert 2 == world.series()["own_probes_total"]


RICH = extended(
    events=probes(
        field("word", "string", required=True),
        field("kind", "string", choices=['a"b', "c\\d"], default="c\\d"),
        field("flag", "boolean", default=False),
        field("size", "number", minimum=0),
        field("steps", "integer", minimum=0, maximum=9),
    ),
    labels=[{"name": n, "description": "D.", "limit": 20} for n in ("word", "kind", "flag")],
    metrics=[
        counter("own_a_total", labels=["bot", "word", "kind"]),
        counter(
            "own_b_total", compared("flag", "eq", value=True), labels=["kind", "bot"], value="size"
        ),
        counter("own_c_total", compared("steps", "gt", 3.0), compared("kind", "ne", 'a"b')),
        counter("own_d_total", labels=["flag"], value="steps"),
        {
            "name": "own_size",
            "type": "histogram",
            "description": "D.",
            "event": "probe",
            "labels": ["word"],
            "value": "size",
            "buckets": [0.0, 0.5, 1e6],
        },
        {
            "name": "own_last_steps",
            "type": "gauge",
            "description": "D.",
            "event": "probe",
            "value": "steps",
        },
    ],
)


@settings(max_examples=12, phases=UNSHRUNK)
@given(every_type(RICH))
def test_own_feeds_move_exactly_what_they_declare(events: list[dict[str, Any]]) -> None:
    """Own declarations are compiled like built-in ones and equal the slow reading."""
    world, reference = World(RICH), Reference(RICH)

    world.send(*events)
    for event in events:
        reference.apply(event, EPOCH)

    assert {} == reference.unexplained(world.series())


def test_a_condition_that_no_json_can_express_is_refused() -> None:
    """Infinity would make code that compares with a name nobody defined."""
    infinite = json.loads("1e999")
    catalog = extended(
        events=probes(field("size", "number")),
        metrics=[counter("own_total", compared("size", "lt", infinite))],
    )

    with pytest.raises(ValueError, match="inf cannot be compared with"):
        World(catalog)
