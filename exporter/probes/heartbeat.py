"""Heartbeats: whether the bot gave a sign of life by itself, lately."""

from collections.abc import Callable

from ..config.probes import HeartbeatSettings
from ..model.ports import Clock
from ..model.probing import ProbeReason
from .notes import Notes
from .outcome import FailedError

# Given a bot and an event type, or nothing for any: when it last came, seconds since 1970.
LastSeen = Callable[[str, str], float | None]


class HeartbeatProbe:
    """Fails when *bot* was silent for too long."""

    def __init__(
        self, bot: str, settings: HeartbeatSettings, *, last_seen: LastSeen, clock: Clock
    ) -> None:
        self._bot = bot
        self._settings = settings
        self._last_seen = last_seen
        self._clock = clock
        self._began = clock.wall()

    async def run(self, notes: Notes) -> None:
        """Look when the last sign of life came."""
        seen = self._last_seen(self._bot, self._settings.event)
        # A bot that was never heard of has its time from the start of the check.
        silence = self._clock.wall() - (self._began if seen is None else seen)
        notes.say(f"silent for {silence:.0f} s")
        if silence > self._settings.within_seconds:
            message = f"no sign of life within {self._settings.within_seconds:g} s"
            raise FailedError(ProbeReason.NO_HEARTBEAT, message)
