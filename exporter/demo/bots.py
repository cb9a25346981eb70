"""What makes one synthetic bot different from another: its declaration."""

from collections.abc import Mapping
from dataclasses import dataclass

from .chance import Weighted


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Something users want; *action* is the tool the bot calls for it, *goal* what it reaches."""

    name: str
    questions: tuple[str, ...]
    action: str = ""
    goal: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """
    Steps of funnels that are reached together.

    *probability* is the share of visitors who go on to it from the stage before.
    """

    steps: tuple[tuple[str, str], ...]
    probability: float
    shows_product: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """When a bot is busy, in its own time zone: 24 weights of hours, 7 of days from Monday."""

    utc_offset_hours: float
    hours: tuple[float, ...]
    days: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Who talks to a bot: country to weight, country to language, plan to weight."""

    countries: Weighted[str]
    languages: Mapping[str, str]
    plans: Weighted[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """
    One synthetic bot.

    *share* is its part of all events. *events_per_visit* is the measured mean of what a visit
    makes in calm times; the rate of visits follows from it.
    """

    name: str
    share: float
    events_per_visit: float
    tempo: Tempo
    crowd: Crowd
    platforms: tuple[str, str]
    intents: Weighted[Intent]
    models: Weighted[str]
    turns: float
    resolution: float
    experiment: str
    funnel: tuple[Stage, ...] = ()
    products: Weighted[str] | None = None
    prices: Mapping[str, float]
    currency: str = "USD"  # In the United States people pay in dollars everywhere.
    lead_ratio: float
    lead_value: float
    team: str
    integrations: tuple[str, ...]
    queues: tuple[str, ...]
    knowledge: tuple[str, ...]
