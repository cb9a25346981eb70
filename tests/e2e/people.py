"""The synthetic circumstances of a real dialogue: who, where, with which bot. All seeded."""

from random import Random
from typing import Any

from tests.e2e.dialogues import Dialogue

Event = dict[str, Any]

# Every raw identifier begins like this, so that one search finds a leak of any of them.
MARK = "rawmark"
BOTS = {
    "travel-bot": ("Flights", "Hotels", "RentalCars", "Buses", "Travel", "RideSharing", "Homes"),
    "leisure-bot": ("Events", "Restaurants", "Movies", "Media", "Music"),
    "service-bot": ("Weather", "Banks", "Services", "Alarm"),
}
PLATFORMS = {
    "travel-bot": ("telegram", "web", "whatsapp"),
    "leisure-bot": ("telegram", "web"),
    "service-bot": ("web", "voice"),
}
COUNTRIES = ("DE", "FR", "US", "IN", "BR")
LANGUAGES = ("de", "fr", "en-US", "en-IN", "pt-BR")
DEVICES = ("phone", "tablet", "desktop")
PLANS = ("free", "pro", "business")
VERSIONS = ("2.3.0", "2.3.1", "2.4.0-rc1")
USERS = 900


def bot_of(dialogue: Dialogue) -> str:
    """Return the bot that serves the dialogue's first service."""
    service = dialogue.services[0].partition("_")[0]
    return next(bot for bot, services in BOTS.items() if service in services)


def envelope(dialogue: Dialogue, bot: str, rng: Random) -> Event:
    """Return the fields that all events of the dialogue share; some do not say everything."""
    home = rng.randrange(len(COUNTRIES))
    fields = {
        "bot": bot,
        "platform": rng.choice(PLATFORMS[bot]),
        "user": f"{MARK}-user-{rng.randrange(USERS)}@example.org",
        "session": f"{MARK}-session-{dialogue.name}",
        "conversation": f"{MARK}-conversation-{dialogue.name}",
        "version": rng.choice(VERSIONS),
        "country": COUNTRIES[home],
        "language": LANGUAGES[home],
        "device": rng.choice(DEVICES),
        "plan": rng.choice(PLANS),
    }
    for optional in ("country", "language", "device", "plan", "version"):
        if rng.random() < 0.1:
            del fields[optional]
    return fields
