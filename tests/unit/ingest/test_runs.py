"""Runs of events of one bot: what is looked up once must fit each of them."""

from itertools import product

import pytest

from exporter.ingest.admit import Masked
from tests.unit.ingest.parts import ANYBODY, ARRIVAL, admitted, decoded, new_admission, sample

NAMES = ("user", "session", "conversation")


@pytest.mark.parametrize("name", NAMES)
def test_each_event_of_a_run_gets_the_pseudonym_of_its_own_person(name: str) -> None:
    """Neighbours of one name share a look-up; nobody ever gets the name of somebody else."""
    batch = [sample(**{name: who}) for who in ("ann", "ann", "ben", None, "ben", "ann")]
    run = [decoded(event) for event in batch]

    new_admission().admit(run, ANYBODY, ARRIVAL, Masked())

    alone = [admitted(event, new_admission())[0] for event in batch]
    assert [getattr(event, name) for event in alone] == [getattr(event, name) for event in run]


def test_a_run_ends_with_its_bot() -> None:
    """The same user is somebody else for the next bot, and again the same for the first."""
    run = [
        decoded(sample(bot=bot, user=who))
        for bot, who in product(("shop", "bank", "shop"), ("ann", "ann"))
    ]

    new_admission().admit(run, ANYBODY, ARRIVAL, Masked())

    names = [event.user for event in run]
    assert names[:2] == names[4:]
    assert 2 == len(set(names))
