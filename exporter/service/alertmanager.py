"""What Alertmanager posts to a webhook: version 4 of its JSON, as far as we need it."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from ..model.alerts import ReportedAlert
from ..model.verdicts import Refusal, RefusedError

LARGEST_BODY = 4 * 2**20
MOST_ALERTS = 10_000
# Of one alert; what is longer is cut. Its fingerprint still tells it from others.
MOST_TEXTS, LONGEST_TEXT = 64, 4096

Fingerprint = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{1,32}$(?!\n)")]
_Time = Annotated[datetime, msgspec.Meta(tz=True)]


class _Alert(msgspec.Struct, frozen=True, rename="camel"):
    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    starts_at: _Time
    ends_at: _Time
    fingerprint: Fingerprint
    annotations: dict[str, str] = {}


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    """Fields that newer versions add are ignored; those that we read must be as promised."""

    version: Literal["4"]
    receiver: Annotated[str, msgspec.Meta(max_length=256)]
    alerts: Annotated[list[_Alert], msgspec.Meta(max_length=MOST_ALERTS)]
    truncated_alerts: int = 0


class Notification(msgspec.Struct, frozen=True):
    """The alerts of one notification, by which receiver, and how many Alertmanager left out."""

    receiver: str
    alerts: tuple[ReportedAlert, ...]
    left_out: int


_decoder = msgspec.json.Decoder(_Body)


def read_notification(body: bytes) -> Notification:
    """
    Return what Alertmanager says.

    Raises:
        RefusedError: it is no notification of version 4.
    """
    try:
        read = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"The body is no notification of Alertmanager (version 4): {error}."
        raise RefusedError(Refusal.MALFORMED, message) from None
    alerts = tuple(_reported(alert) for alert in read.alerts)
    return Notification(read.receiver, alerts, read.truncated_alerts)


def _reported(alert: _Alert) -> ReportedAlert:
    return ReportedAlert(
        fingerprint=alert.fingerprint,
        labels=_cut(alert.labels),
        annotations=_cut(alert.annotations),
        starts_at=alert.starts_at.timestamp(),
        ends_at=alert.ends_at.timestamp() if alert.status == "resolved" else None,
    )


def _cut(texts: dict[str, str]) -> dict[str, str]:
    return {
        name[:LONGEST_TEXT]: text[:LONGEST_TEXT] for name, text in list(texts.items())[:MOST_TEXTS]
    }
