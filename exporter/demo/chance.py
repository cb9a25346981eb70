"""Seeded chance: the few distributions from which the demo is made."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


def seeded(*parts: object) -> Random:
    """Return a source of chance that is the same for the same *parts* on every machine."""
    return Random("/".join(map(str, parts)))  # noqa: S311 - the demo must repeat itself, not keep secrets


@dataclass(frozen=True, slots=True)
class Weighted(Generic[T]):
    """Values and how often each is drawn."""

    values: tuple[T, ...]
    cumulative: tuple[float, ...]

    def draw(self, rng: Random) -> T:
        """Return one of the values."""
        return rng.choices(self.values, cum_weights=self.cumulative)[0]


def weighted(weights: Mapping[T, float]) -> Weighted[T]:
    """Return the keys of *weights*, drawn as often as their values say."""
    return Weighted(tuple(weights), tuple(accumulate(weights.values())))


def happens(rng: Random, probability: float) -> bool:
    """Return whether something of that probability happens."""
    return rng.random() < probability


def around(rng: Random, median: float, spread: float = 0.5) -> float:
    """Return a positive value about *median*, long-tailed as durations are (log-normal)."""
    return median * math.exp(rng.gauss(0.0, spread))


def clamp(value: float, low: float, high: float) -> float:
    """Return *value* within its bounds."""
    return min(high, max(low, value))
