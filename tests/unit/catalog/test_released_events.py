"""Event types change by addition only: bots of a release and its stored events go on working."""

from dataclasses import replace

import pytest

from exporter.catalog.builtin import CATALOG
from exporter.catalog.released_events import ReleasedField, field_problems, released_fields

KIND = ReleasedField(
    event="message_sent",
    name="status",
    type="string",
    required=False,
    default="ok",
    choices=("ok", "failed"),
    max_length=None,
)
NAME = replace(KIND, name="label", default=None, choices=(), max_length=64)
RELEASED = (KIND, NAME)


def test_an_unchanged_catalogue_keeps_every_promise() -> None:
    """What was released is still there."""
    fields = released_fields(CATALOG)

    assert [] == list(field_problems(fields, fields))


def test_more_choices_longer_texts_and_new_fields_are_additions() -> None:
    """A bot of the last release does not notice them."""
    now = (
        replace(KIND, choices=("ok", "failed", "fallback")),
        replace(NAME, max_length=128),
        replace(NAME, name="fresh"),
    )

    assert [] == list(field_problems(now, RELEASED))


@pytest.mark.parametrize(
    ("now", "complaint"),
    [
        ((KIND,), "released and gone"),
        ((KIND, replace(NAME, type="number")), "now a number"),
        ((replace(KIND, default="failed"), NAME), "default changed"),
        ((KIND, replace(NAME, required=True)), "became required"),
        ((replace(KIND, choices=("ok",)), NAME), "lost choices"),
        ((KIND, replace(NAME, choices=("a",))), "closed choice"),
        ((KIND, replace(NAME, max_length=32)), "became shorter"),
        ((*RELEASED, replace(NAME, name="fresh", required=True)), "new and required"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_change_that_bots_or_stored_events_would_feel_is_refused(
    now: tuple[ReleasedField, ...], complaint: str
) -> None:
    """Each kind of change that is no addition has its own sentence."""
    problems = list(field_problems(now, RELEASED))

    assert 1 == len(problems)
    assert complaint in problems[0]
