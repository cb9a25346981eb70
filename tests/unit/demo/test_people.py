"""The people: most visits are by people who were there before, and many come only once."""

from collections import Counter

import pytest

from exporter.demo.cast import BOTS, SHOP
from exporter.demo.chance import seeded
from exporter.demo.people import CORE_SHARE, NEW_SHARE, Person, Population, Segment
from exporter.demo.story import DAY

from .telling import WEDNESDAY

VISITS = 4_000


def visitors(seed: int = 7, *, start: float = WEDNESDAY, count: int = VISITS) -> list[Person]:
    """Return who visits the shop."""
    population = Population(seed, SHOP, VISITS, start)
    rng = seeded(seed, "visits")
    return [population.visitor(rng) for _ in range(count)]


def test_a_person_stays_the_same() -> None:
    """From visit to visit, but for how they stand to the bot."""
    known: dict[str, tuple[object, ...]] = {}
    for person in visitors():
        traits = (person.country, person.language, person.plan, person.platform, person.variant)
        assert traits == known.setdefault(person.name, traits)


def test_people_return_in_a_later_run() -> None:
    """A demo of tomorrow knows the people of today."""
    today = {person.name for person in visitors()}

    tomorrow = [person.name for person in visitors(start=WEDNESDAY + DAY)]

    assert len([name for name in tomorrow if name in today]) > len(tomorrow) / 2


def test_a_few_people_make_many_visits() -> None:
    """A power law: the busiest hundredth makes over a twelfth of the visits, half come once."""
    visits = Counter(person.name for person in visitors()).most_common()

    busiest = sum(count for _, count in visits[: len(visits) // 100])
    once = sum(count == 1 for _, count in visits)

    assert busiest > VISITS / 12
    assert once > len(visits) / 2


def test_the_segments_have_their_shares() -> None:
    """Newcomers, people who are always around, and those who may not return."""
    segments = Counter(person.segment for person in visitors())

    assert pytest.approx(NEW_SHARE, abs=0.02) == segments[Segment.NEW] / VISITS
    assert segments[Segment.ENGAGED] / VISITS > CORE_SHARE
    assert segments[Segment.AT_RISK] / VISITS > 0.03


def test_newcomers_were_never_there() -> None:
    """Each has a number of their own."""
    seen: set[str] = set()
    for person in visitors():
        assert person.segment is not Segment.NEW or person.name not in seen
        seen.add(person.name)


def test_the_variants_are_assigned_to_halves() -> None:
    """By the person, so that nobody meets both."""
    by_person = {person.name: person.variant for person in visitors()}

    assert pytest.approx(0.5, abs=0.03) == Counter(by_person.values())["B"] / len(by_person)


def test_every_country_has_a_language() -> None:
    """In each bot."""
    for bot in BOTS:
        assert set(bot.crowd.countries.values) == set(bot.crowd.languages)
