"""Whether Prometheus keeps its samples as long as an objective looks back."""

from .alert_spec import Alert, RuleGroup, Severity, Team
from .slo_spec import WINDOW_HOURS

WINDOW_SECONDS = WINDOW_HOURS * 3600

RETENTION = RuleGroup(
    name="slo:retention",
    rules=(
        Alert(
            name="PrometheusRetentionShort",
            severity=Severity.WARNING,
            team=Team.PLATFORM,
            # Prometheus 3 says how long it will keep samples. Older ones, and those that a size
            # limits, show it when they drop a block: a young one has not dropped any.
            value=(
                f"(prometheus_tsdb_retention_limit_seconds > 0) < {WINDOW_SECONDS}\n"
                f"or\n"
                f"(\n"
                f"  time() - prometheus_tsdb_lowest_timestamp_seconds < {WINDOW_SECONDS}\n"
                f"  and (\n"
                f"    max_over_time(prometheus_tsdb_time_retentions_total[3d]) > 0\n"
                f"    or max_over_time(prometheus_tsdb_size_retentions_total[3d]) > 0\n"
                f"  )\n"
                f")"
            ),
            match=("instance",),
            wait="15m",
            summary="Prometheus forgets samples that error budgets need.",
            description=(
                "{{ $labels.instance }} keeps samples for {{ $value | humanizeDuration }}, error "
                "budgets look back 30 days. Start it with --storage.tsdb.retention.time=45d and "
                "enough disk."
            ),
            dashboard="slo",
        ),
    ),
)
