"""All rule files, in the order in which they are shown."""

from .alert_spec import Alert, RuleFile, Threshold
from .rules_ai import AI
from .rules_business import BUSINESS
from .rules_maintenance import MAINTENANCE
from .rules_meta import META
from .rules_recording import RECORDING
from .rules_technical import TECHNICAL
from .rules_usage import USAGE

RULE_FILES: tuple[RuleFile, ...] = (
    RECORDING,
    TECHNICAL,
    AI,
    BUSINESS,
    USAGE,
    MAINTENANCE,
    META,
)


def all_alerts(files: tuple[RuleFile, ...] = RULE_FILES) -> tuple[Alert, ...]:
    """Return every alert of *files*."""
    return tuple(alert for file in files for alert in file.alerts)


def all_thresholds(files: tuple[RuleFile, ...] = RULE_FILES) -> dict[str, Threshold]:
    """Return every threshold by its name, in the order of the alerts."""
    return {
        alert.threshold.name: alert.threshold
        for alert in all_alerts(files)
        if alert.threshold is not None
    }
