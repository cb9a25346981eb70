"""What a site decides about its rules and messages: the file that ``generate --config`` reads."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, field

from ..catalog.declarations import Section
from .kinds import BotName, File, Text
from .site_alerting import Alerting
from .slo_declarations import SloDeclaration

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


class SiteCatalog(Section, frozen=True, kw_only=True):
    """Own events and metrics, for objectives on them."""

    files: Annotated[
        tuple[File, ...],
        Meta(
            max_length=100,
            description="The same files as in the exporter's configuration.",
            examples=[["own.yml"]],
        ),
    ] = ()


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
        Meta(
            max_length=2000,
            description="Bot to what is different for it.",
            examples=[{"shop-bot": {"thresholds": {"error_ratio": 0.2}}}],
        ),
    ] = field(default_factory=dict)
    slos: Annotated[
        tuple[SloDeclaration, ...],
        Meta(
            max_length=100,
            description="Own objectives; one that is named like a shipped one replaces it.",
            examples=[
                [
                    {
                        "name": "availability",
                        "description": "A turn ends with an answer.",
                        "target": 0.995,
                        "bad": {"metric": "bot_turn_failures_total"},
                        "total": {"metric": "bot_turns_total"},
                    }
                ]
            ],
        ),
    ] = ()
    slo_files: Annotated[
        tuple[File, ...],
        Meta(
            max_length=100,
            description="Files with more of them, below the key `slos`.",
            examples=[["slo/checkout.yml"]],
        ),
    ] = ()
    without_slos: Annotated[
        tuple[Text, ...],
        Meta(
            max_length=100,
            description="Names of shipped objectives that are left out.",
            examples=[["response"]],
        ),
    ] = ()
    catalog: SiteCatalog = SiteCatalog()
