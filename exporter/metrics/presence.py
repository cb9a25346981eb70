"""Who is here now: conversations and sessions by the time they were last seen."""

from collections.abc import Iterator
from typing import Any

Group = tuple[str, str]  # bot, platform


class Presence:
    """
    Counts the distinct ids seen in the last *window_seconds* per bot and platform.

    Never counted up and down: a crash of a bot cannot leave a conversation open for ever.
    """

    def __init__(self, window_seconds: float, *, most: int = 200_000) -> None:
        self._window = window_seconds
        self._most = most
        self._groups: dict[Group, dict[str, float]] = {}
        self._total = 0

    def touch(self, group: Group, identity: str, now: float) -> None:
        """Note that *identity* was seen at log time *now*."""
        seen = self._groups.get(group)
        if seen is None:
            seen = self._groups[group] = {}
        # The dictionary stays in order of time, so that leaving costs only those who leave.
        if seen.pop(identity, None) is None:
            if self._total >= self._most:
                return
            self._total += 1
        seen[identity] = now

    def leave(self, group: Group, identity: str) -> None:
        """Note that *identity* said goodbye."""
        seen = self._groups.get(group)
        if seen is not None and seen.pop(identity, None) is not None:
            self._total -= 1

    def expire(self, now: float) -> None:
        """Forget who was not seen within the window before log time *now*."""
        horizon = now - self._window
        for seen in self._groups.values():
            gone = []
            for identity, last in seen.items():
                if last > horizon:
                    break
                gone.append(identity)
            for identity in gone:
                del seen[identity]
            self._total -= len(gone)

    def counts(self) -> Iterator[tuple[Group, int]]:
        """Yield how many are here, per bot and platform; a group once seen stays, at 0."""
        for group, seen in self._groups.items():
            yield group, len(seen)

    def drop_empty(self) -> None:
        """Forget the groups in which nobody is."""
        for group in [group for group, seen in self._groups.items() if not seen]:
            del self._groups[group]

    def state(self) -> list[Any]:
        """Return what a snapshot must hold."""
        return list(self._groups.items())

    def restore(self, state: list[Any]) -> None:
        """Take over the state of a snapshot."""
        self._groups = {(bot, platform): dict(seen) for (bot, platform), seen in state}
        self._total = sum(len(seen) for seen in self._groups.values())
