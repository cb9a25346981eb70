"""How much the client may hold, and how long it may take."""

from dataclasses import dataclass, fields

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    The bounds of a client; the defaults suit almost every bot.

    Attributes:
        batch_events: A request takes at most that many events, and goes as soon as it has them.
        batch_bytes: Ditto, in bytes of JSON.
        batch_seconds: The longest an event waits for company.
        queue_events: Most events that wait while the exporter is away; then the oldest go.
        queue_bytes: Ditto, in bytes of JSON.
        timeout_seconds: Longest silence of the exporter on an open connection.
        exit_seconds: How long the end of the process waits for the last events.
    """

    batch_events: int = 100
    batch_bytes: int = MIB
    batch_seconds: float = 0.2
    queue_events: int = 10_000
    queue_bytes: int = 16 * MIB
    timeout_seconds: float = 10.0
    exit_seconds: float = 5.0

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int | float) or not value > 0:
                raise ValueError(f"limits: {field.name}: {value!r} is not a number above 0")
