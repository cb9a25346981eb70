"""
The client for bots: it sends events to a bot_exporter and never gets in the way of the bot.

It needs nothing but the standard library.

    from exporter.client import Client

    client = Client("http://127.0.0.1:10350", token_file="ingest.token", bot="shop", platform="web")
    with client.turn(user="ann", conversation="c-1") as turn:
        turn.answered(source="faq")
"""

from .client import Client
from .counts import Stats
from .limits import Limits
from .timing import Action, LlmCall, Turn

__all__ = ["Action", "Client", "Limits", "LlmCall", "Stats", "Turn"]
