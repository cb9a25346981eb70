"""Base units. A metric carries exactly one, and its name ends with it."""

from enum import StrEnum


class Unit(StrEnum):
    """Prometheus base units plus the few this field needs."""

    NONE = ""
    SECONDS = "seconds"
    TIMESTAMP = "timestamp_seconds"
    BYTES = "bytes"
    RATIO = "ratio"
    USD = "usd"
