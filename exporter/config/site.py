"""What a site decides about its rules and messages: the file that ``generate --config`` reads."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, field

from ..catalog.declarations import Section
from .kinds import BotName, Text
from .site_alerting import Alerting

Thresholds = Annotated[
    Mapping[str, float],
    Meta(
        max_length=1000,
        description="Name of a threshold to its value.",
        examples=[{"error_ratio": 0.1}],
    ),
]


class Links(Section, frozen=True, kw_only=True):
    """Where the links in messages lead."""

    runbooks: Annotated[Text, Meta(description="URL of the runbooks; a #section is appended.")] = (
        "http://127.0.0.1:10351/runbooks"
    )
    grafana: Annotated[Text, Meta(description="URL of Grafana.")] = "http://127.0.0.1:3000"


class SiteBot(Section, frozen=True, kw_only=True):
    """What is different for one bot."""

    thresholds: Thresholds = field(default_factory=dict)


class Site(Section, frozen=True, kw_only=True):
    """Everything a site may change about the bundle."""

    links: Links = Links()
    alerting: Alerting = Alerting()
    thresholds: Thresholds = field(default_factory=dict)
    bots: Annotated[
        Mapping[BotName, SiteBot],
        Meta(max_length=2000, description="Bot to what is different for it."),
    ] = field(default_factory=dict)
