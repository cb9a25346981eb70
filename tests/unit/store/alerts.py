"""Alerts for tests, as Alertmanager reports them."""

from exporter.model.alerts import ReportedAlert

NOON = 1_770_000_000.0
FINGERPRINT = "00ab34cd56ef7890"


def alert(
    name: str = "BotDown",
    bot: str = "shop",
    *,
    fingerprint: str = FINGERPRINT,
    starts_at: float = NOON,
    ends_at: float | None = None,
    **labels: str,
) -> ReportedAlert:
    """Return an alert; it fires unless it ends."""
    return ReportedAlert(
        fingerprint=fingerprint,
        labels={"alertname": name, **({"bot": bot} if bot else {}), **labels},
        annotations={"summary": f"{bot} is silent."},
        starts_at=starts_at,
        ends_at=ends_at,
    )
