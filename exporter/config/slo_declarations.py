"""The form in which people declare objectives."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, field

from ..catalog.declarations import Name, Section

SLO_NAME = r"[a-z][a-z0-9_]{0,31}"
LABEL_NAME = r"[a-z][a-z0-9_]{0,31}"

# Braces would begin a template in Alertmanager's and Prometheus' eyes.
_Plain = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^{}\n]*$(?!\n)",
        examples=["A turn ends with an answer."],
    ),
]
_Values = Annotated[
    Mapping[
        Name,
        Annotated[
            tuple[Annotated[str, Meta(max_length=128)], ...], Meta(min_length=1, max_length=100)
        ],
    ],
    Meta(max_length=20),
]


class EventsDeclaration(Section, frozen=True, kw_only=True):
    """Events of one kind."""

    metric: Annotated[
        str,
        Meta(
            max_length=200,
            description="Counter of the events, or histogram that observes each.",
            examples=["bot_turns_total"],
        ),
    ]
    at_most: Annotated[
        float | None,
        Meta(description="Histogram: only observations up to this bound, one of its buckets."),
    ] = None
    only: Annotated[_Values, Meta(description="Label to the values it may have.")] = field(
        default_factory=dict
    )
    without: Annotated[_Values, Meta(description="Label to the values it may not have.")] = field(
        default_factory=dict
    )


class SloDeclaration(Section, frozen=True, kw_only=True):
    """What is promised: a share of events within 30 days."""

    name: Annotated[
        str,
        Meta(
            pattern=rf"^{SLO_NAME}$(?!\n)",
            description="Label `slo` of its series and alerts.",
            examples=["availability"],
        ),
    ]
    description: Annotated[_Plain, Meta(description="What is promised, in one sentence.")]
    target: Annotated[
        float, Meta(gt=0, le=100, description="Share of the events that is not bad, such as 0.999.")
    ]
    total: Annotated[EventsDeclaration, Meta(description="All events that count.")]
    bad: Annotated[
        EventsDeclaration | None, Meta(description="Those of them that are bad; or give `good`.")
    ] = None
    good: Annotated[
        EventsDeclaration | None, Meta(description="Those of them that are good; or give `bad`.")
    ] = None
    per_bot: Annotated[
        bool, Meta(description="Whether each bot has a budget; false: one for all together.")
    ] = True
    pages: Annotated[
        bool, Meta(description="Whether a fast burn is critical; false: only warnings.")
    ] = True
    labels: Annotated[
        Mapping[Annotated[str, Meta(pattern=rf"^{LABEL_NAME}$(?!\n)")], _Plain],
        Meta(max_length=10, description="More labels of its alerts, for routes; or another team."),
    ] = field(default_factory=dict)


class SloFile(Section, frozen=True, kw_only=True):
    """A file of objectives."""

    slos: Annotated[
        tuple[SloDeclaration, ...], Meta(max_length=100, description="The objectives.")
    ] = ()
