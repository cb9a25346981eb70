"""What was released stays, until it is retired and its last version has passed."""

from dataclasses import replace
from pathlib import Path

import pytest

from exporter import __version__
from exporter.catalog.builtin import CATALOG
from exporter.catalog.released import (
    RELEASED_FILE,
    Release,
    read_release,
    release_json,
    release_of,
    release_problems,
)
from exporter.catalog.retired import RETIRED, Retired, version_of
from exporter.catalog.spec import Catalog

from . import small

ROOT = Path(__file__).parents[3]
RELEASED = release_of(small.SOUND, "1.0.0")
RENAMED = small.counter(name="bot_shipments_total")
BOTH = small.catalog(
    metrics=(small.PARCELS, small.TRAVEL, replace(small.PARCELS, name="bot_shipments_total"))
)
RETIREMENT = Retired(
    name="bot_parcels_total",
    successor="bot_shipments_total",
    retired_in="1.1.0",
    removed_in="2.0.0",
)


def problems(catalog: Catalog, *retired: Retired, version: str = "1.1.0") -> list[str]:
    """Return what breaks the promise of release 1.0.0."""
    return list(release_problems(catalog, RELEASED, retired, version=version))


def test_the_catalogue_keeps_what_was_released() -> None:
    """Dashboards of the last release go on working with this tree."""
    released = read_release((ROOT / RELEASED_FILE).read_text("utf-8"))

    broken = release_problems(CATALOG, released, RETIRED, version=__version__)

    assert [] == list(broken)


def test_a_release_survives_its_file() -> None:
    """Writing and reading the committed file changes nothing."""
    assert RELEASED == read_release(release_json(RELEASED))


def test_own_metrics_of_users_are_not_released() -> None:
    """We promise only what we ship."""
    own = small.counter(builtin=False)

    assert [small.TRAVEL.name] == [family.name for family in release_of(own, "1").families]


def test_a_renamed_metric_is_noticed() -> None:
    """A rename is a removal for everybody who uses the old name."""
    assert ["bot_parcels_total: released in 1.0.0 and gone; retire it in retired.py"] == problems(
        RENAMED
    )


@pytest.mark.parametrize(
    ("catalog", "what"),
    [
        (small.histogram(buckets=(1.0, 20.0)), "buckets (1.0, 10.0), now (1.0, 20.0)"),
        (small.counter(labels=(small.BOT,)), "labels (bot, carrier), now (bot)"),
        (small.gauge(), "kind histogram, now gauge"),
    ],
)
def test_a_changed_metric_is_noticed(catalog: Catalog, what: str) -> None:
    """Another kind, label or bound makes another metric: it needs a name of its own."""
    assert any(f"released with {what}; give the changed" in line for line in problems(catalog))


def test_a_new_metric_breaks_no_promise() -> None:
    """Families may always be added."""
    assert [] == problems(BOTH)


def test_a_retired_metric_stays_until_its_version() -> None:
    """People get a release in which both names work."""
    assert [] == problems(BOTH, RETIREMENT)
    assert ["bot_parcels_total: is gone, but promised until 2.0.0; keep it exposed"] == problems(
        RENAMED, RETIREMENT
    )


def test_a_retired_metric_leaves_with_its_version() -> None:
    """What was announced happens, and nothing stays for ever."""
    assert [] == problems(RENAMED, RETIREMENT, version="2.0.0")
    assert ["bot_parcels_total: was to be removed in 2.0.0; remove its declaration"] == problems(
        BOTH, RETIREMENT, version="2.0.0"
    )


def test_a_retirement_names_a_successor_that_exists() -> None:
    """A person whose panel broke finds the next name, not a second ghost."""
    lost = replace(RETIREMENT, successor="bot_letters_total")

    assert [
        "bot_parcels_total: its successor bot_letters_total is not in the catalogue"
    ] == problems(BOTH, lost)


def test_a_retirement_leaves_people_a_release() -> None:
    """Retiring and removing at once would be a rename."""
    sudden = replace(RETIREMENT, removed_in="1.1.0")

    assert [
        "bot_parcels_total: removed in the version that retires it; leave people a release"
    ] == problems(RENAMED, sudden)


def test_nothing_was_promised_before_the_first_release() -> None:
    """Without a committed file every name may still change."""
    assert [] == list(release_problems(RENAMED, Release(version="0"), (), version="0.1.0"))


def test_versions_compare_by_their_numbers() -> None:
    """1.10 comes after 1.9, and what follows the numbers does not count."""
    assert version_of("1.9.3") < version_of("1.10.0rc1")

    with pytest.raises(ValueError, match="'next' is no version"):
        version_of("next")


def test_a_note_says_what_to_use_instead() -> None:
    """The sentence fits behind the name in a list of findings."""
    assert "retired in 1.1.0, will be removed in 2.0.0; use bot_shipments_total" == RETIREMENT.note(
        "1.2.0"
    )
    assert "was removed in 2.0.0" in RETIREMENT.note("2.1.0")
