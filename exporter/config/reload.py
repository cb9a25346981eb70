"""
Taking over a changed configuration without a restart: parse, compare, then swap, or not at all.

What may change in a running exporter is one declared set; everything else is built into open
sockets, files, digests or generated code, and a change of it is refused as a whole.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..model.errors import ConfigError, Problem
from ..model.ports import Clock
from .keys import KEYS, Key
from .model import Config

# Safe because each is read anew for every request or line, and none changes what is on disk.
# Conversations are not: their times decide the SLI, half of a turn must not see new ones.
RELOADABLE = (
    "bots",
    "ingest.rate_limit",
    "limits",
    "logging",
    "maintenance",
    "privacy.text",
    "probes",
)


class ReloadOutcome(StrEnum):
    """What became of one attempt; a label of a counter."""

    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadResult:
    """One attempt: the keys that changed, or the problems that kept the old configuration."""

    outcome: ReloadOutcome
    changed: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class Reloader:
    """Holds the configuration in use and replaces it when a better one can be read."""

    def __init__(
        self,
        *,
        load: Callable[[], Config],
        current: Config,
        on_change: Callable[[Config, Config], None],
        clock: Clock,
    ) -> None:
        self._load = load
        self._on_change = on_change
        self._clock = clock
        self._counts: Counter[ReloadOutcome] = Counter()
        self.current = current
        self.last_successful = True
        self.last_success_timestamp = clock.wall()

    @property
    def counts(self) -> Mapping[ReloadOutcome, int]:
        """Return the attempts by outcome, those that never happened as 0."""
        return {outcome: self._counts[outcome] for outcome in ReloadOutcome}

    def reload(self) -> ReloadResult:
        """
        Read the configuration again and take it over if it is sound.

        ``on_change(old, new)`` is called only when something changed. When it raises, the old
        configuration stays the current one, the attempt counts as a failure, and the error goes on.
        """
        try:
            new = self._load()
        except ConfigError as error:
            return self._failed(error.problems)
        changed = changed_keys(self.current, new)
        if fixed := [key for key in changed if not is_reloadable(key)]:
            return self._failed([_needs_restart(key) for key in fixed])
        if changed:
            self._swap(new)
        self._counts[ReloadOutcome.SUCCESS] += 1
        self.last_successful = True
        self.last_success_timestamp = self._clock.wall()
        return ReloadResult(outcome=ReloadOutcome.SUCCESS, changed=tuple(changed))

    def _swap(self, new: Config) -> None:
        done = False
        try:
            self._on_change(self.current, new)
            done = True
        finally:
            if not done:
                self._failed(())
        self.current = new

    def _failed(self, problems: list[Problem] | tuple[Problem, ...]) -> ReloadResult:
        self._counts[ReloadOutcome.FAILURE] += 1
        self.last_successful = False
        return ReloadResult(outcome=ReloadOutcome.FAILURE, problems=tuple(problems))


def is_reloadable(name: str) -> bool:
    """Return whether the key may change in a running exporter."""
    return any(name == allowed or name.startswith(f"{allowed}.") for allowed in RELOADABLE)


def changed_keys(old: Config, new: Config) -> list[str]:
    """Return the dotted names of the keys whose values differ."""
    return [key.name for key in KEYS if _value(old, key) != _value(new, key)]


def _value(config: Config, key: Key) -> object:
    value: object = config
    for step in key.path:
        value = getattr(value, step)
    return value


def _needs_restart(name: str) -> Problem:
    message = "cannot change while running; restart the exporter, or restore the old value"
    return Problem(file="reload", line=0, path=name, message=message)
