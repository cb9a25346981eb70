"""Families of the exporter's part in alerting: what was reported, acknowledged and sent."""

from ..model.units import Unit
from .labels import BOT
from .own import own_family
from .spec import Kind, Label, Metric

ALERTNAME = Label(name="alertname", doc="Name of an alert.", limit=200)
NOTIFICATION_OUTCOME = Label(
    name="outcome",
    doc="What became of a notification of Alertmanager.",
    limit=4,
    choices=("accepted", "refused", "malformed", "failed"),
)
PURPOSE = Label(
    name="purpose",
    doc="Why the exporter sends something by itself.",
    limit=4,
    choices=("heartbeat", "deadman", "digest", "event"),
)
CHANNEL = Label(name="channel", doc="How it is sent.", limit=2, choices=("webhook", "email"))
SENDING_OUTCOME = Label(
    name="outcome",
    doc="Whether it arrived.",
    limit=3,
    choices=("delivered", "failed", "given_up"),
)

_C, _G = Kind.COUNTER, Kind.GAUGE

ALERT_ACKNOWLEDGED = own_family(
    "bot_alert_acknowledged",
    _G,
    "1 while every firing alert of this name and bot is acknowledged.",
    labels=(ALERTNAME, BOT),
)
ALERT_NOTIFICATIONS = own_family(
    "bot_exporter_alert_notifications_total",
    _C,
    "Notifications of Alertmanager that came to the exporter.",
    labels=(NOTIFICATION_OUTCOME,),
)
ALERTS_FIRING = own_family(
    "bot_exporter_alerts_firing", _G, "Alerts in the history whose end was not reported."
)
WATCHDOG_TIMESTAMP = own_family(
    "bot_exporter_watchdog_timestamp_seconds",
    _G,
    "When the last Watchdog came through Prometheus and Alertmanager.",
    unit=Unit.TIMESTAMP,
)
WATCHDOG_MISSING = own_family(
    "bot_exporter_watchdog_missing",
    _G,
    "1 while the Watchdog is overdue and people are told past Alertmanager, otherwise 0.",
)
HEARTBEAT_CONFIGURED = own_family(
    "bot_exporter_deadman_url_configured",
    _G,
    "1 when a heartbeat on another machine notices that everything is down, otherwise 0.",
)
MESSAGES = own_family(
    "bot_exporter_messages_total",
    _C,
    "Attempts to send what the exporter sends by itself.",
    labels=(PURPOSE, CHANNEL, SENDING_OUTCOME),
)
OUTBOX = own_family("bot_exporter_outbox_messages", _G, "Messages that wait to be sent.")
OUTBOX_DEAD = own_family(
    "bot_exporter_outbox_dead_messages", _G, "Messages that were given up and are kept."
)
EVENTS_UNTOLD = own_family(
    "bot_exporter_event_notifications_dropped_total",
    _C,
    "Events nobody was told of because too many waited to be written down.",
)
SELF_TEST_TIMESTAMP = own_family(
    "bot_exporter_self_test_timestamp_seconds",
    _G,
    "When a synthetic event last went the whole way from the listener to the metrics.",
    unit=Unit.TIMESTAMP,
)
SELF_TEST_FAILURES = own_family(
    "bot_exporter_self_test_failures_total", _C, "Synthetic events that did not arrive."
)
SELF_TEST_DURATION = own_family(
    "bot_exporter_self_test_duration_seconds",
    _G,
    "Time the last synthetic event took.",
    unit=Unit.SECONDS,
)

ALL = tuple(value for value in dict(globals()).values() if isinstance(value, Metric))
