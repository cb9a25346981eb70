"""One visit while it happens: who talks to which bot, how late it is, how it went so far."""

from dataclasses import dataclass
from random import Random

from .bots import Bot, Intent
from .incidents import Calendar, Conditions
from .people import Person
from .story import Event, Value

FIRST_HAPPINESS = 0.86


@dataclass(slots=True, kw_only=True)
class Visit:
    """
    The state of a conversation; its parts move *at* forward and never back.

    *name* is unique within a run. *delay_seconds* is how much later than they happened the events
    arrive: a phone without a network keeps them for a while.
    """

    bot: Bot
    person: Person
    name: str
    version: str
    calendar: Calendar
    rng: Random
    at: float
    delay_seconds: float = 0.0
    number: int = 0
    began_at: float = 0.0
    last_message_at: float = 0.0
    turns: int = 0
    fallbacks: int = 0
    failures: int = 0
    purchases: int = 0
    happiness: float = FIRST_HAPPINESS
    intent: Intent | None = None

    @property
    def conversation(self) -> str:
        """Return the name of the conversation; a session may hold several."""
        return f"{self.name}-{self.number}"

    @property
    def conditions(self) -> Conditions:
        """Return under which conditions the bot works now."""
        return self.calendar.conditions(self.bot.name, self.at)

    @property
    def is_improved(self) -> bool:
        """Return whether the person met the better variant of the experiment."""
        return self.person.variant == "B"

    @property
    def audience(self) -> dict[str, Value]:
        """Return where the person comes from and what they use, for events counted by it."""
        person = self.person
        return {
            "country": person.country,
            "language": person.language,
            "device": person.device,
            "plan": person.plan,
        }

    def begin(self) -> None:
        """Start the next conversation of the session."""
        self.number += 1
        self.began_at = self.last_message_at = self.at
        self.turns = self.fallbacks = self.failures = self.purchases = 0
        self.happiness = FIRST_HAPPINESS + self.person.temper - self.conditions.displeasure

    def event(self, kind: str, /, **fields: Value) -> tuple[float, Event]:
        """Return an event of the conversation that happens now."""
        event: Event = {
            "type": kind,
            "ts": round(self.at - self.delay_seconds, 3),
            "bot": self.bot.name,
            "platform": self.person.platform,
            "user": self.person.name,
            "session": self.name,
            "conversation": self.conversation,
            **fields,
        }
        return self.at, event
