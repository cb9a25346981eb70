"""The rhythm of days and weeks, counted over simulated weeks."""

from itertools import takewhile

import pytest

from exporter.demo.bots import Bot
from exporter.demo.cast import BANK, BOTS, DESK, SHOP
from exporter.demo.chance import seeded
from exporter.demo.rhythm import Rhythm, arrivals
from exporter.demo.story import DAY, HOUR

from .telling import WEDNESDAY

MONDAY = WEDNESDAY - 2 * DAY
WEEKS = 8
PER_SECOND = 0.005  # 432 visits on a working day.


def visits(bot: Bot) -> list[tuple[int, int]]:
    """Return the local weekday, Monday being 0, and the local hour of the visits of weeks."""
    start = MONDAY - bot.tempo.utc_offset_hours * HOUR
    came = arrivals(Rhythm(bot.tempo, PER_SECOND), seeded(7, bot.name), start)
    local = (at - start for at in takewhile(lambda at: at < start + WEEKS * 7 * DAY, came))
    return [(int(at // DAY) % 7, int(at % DAY // HOUR)) for at in local]


@pytest.mark.parametrize("bot", BOTS, ids=lambda bot: bot.name)
def test_nights_are_quiet(bot: Bot) -> None:
    """From 1 to 5 comes less than a third of what comes from 10 to 14."""
    hours = [hour for _, hour in visits(bot)]

    night = sum(1 <= hour < 5 for hour in hours)
    day = sum(10 <= hour < 14 for hour in hours)

    assert day > 3 * night > 0


@pytest.mark.parametrize(
    ("bot", "low", "high"), [(SHOP, 1.3, 1.4), (BANK, 0.4, 0.5), (DESK, 0.2, 0.25)]
)
def test_weekends_differ(bot: Bot, low: float, high: float) -> None:
    """People shop on Saturdays, and offices are closed; the declared weights come out."""
    days = [day for day, _ in visits(bot)]

    a_weekend_day = sum(day >= 5 for day in days) / 2
    a_working_day = sum(day < 5 for day in days) / 5

    assert low <= a_weekend_day / a_working_day <= high


@pytest.mark.parametrize("bot", BOTS, ids=lambda bot: bot.name)
def test_an_ordinary_day_has_the_mean_rate(bot: Bot) -> None:
    """On Wednesdays, whose weight is 1, within 5 percent."""
    wednesdays = sum(day == 2 for day, _ in visits(bot))

    assert PER_SECOND * DAY * WEEKS == pytest.approx(wednesdays, rel=0.05)


@pytest.mark.parametrize("bot", BOTS, ids=lambda bot: bot.name)
def test_the_peak_is_the_highest_rate_of_the_week(bot: Bot) -> None:
    """Thinning would lose visits above it."""
    rhythm = Rhythm(bot.tempo, PER_SECOND)

    rates = [rhythm.at(MONDAY + minute * 60) for minute in range(7 * 24 * 60)]

    assert rhythm.peak == pytest.approx(max(rates))
    assert min(rates) > 0


def test_the_bots_live_in_different_time_zones() -> None:
    """Somebody is awake whenever the demo is shown: the total never falls below an eighth."""
    rhythms = [Rhythm(bot.tempo, bot.share) for bot in BOTS]

    total = [sum(r.at(WEDNESDAY + hour * HOUR) for r in rhythms) for hour in range(24)]

    assert min(total) > max(total) / 4
