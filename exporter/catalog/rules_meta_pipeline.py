"""Alerts on what carries alerts: Prometheus, Alertmanager, and the people who answer."""

from .alert_spec import Alert, RuleGroup, Severity, Team, Threshold

INSTANCE = ("instance",)
DASHBOARD = "alerts"
_FAILED = "alertmanager_notification_requests_failed_total"
_SENT = "alertmanager_notification_requests_total"
_MEMBERS = "max_over_time(alertmanager_cluster_members[5m])"
_WHICH = "{{ $labels.source_alert }}{{ with $labels.bot }} of {{ . }}{{ end }}"

SEND_ERROR_RATIO = Threshold(
    name="alert_send_error_ratio",
    value=0.01,
    most=1.0,
    doc="Share of the alerts that may fail on the way from Prometheus to an Alertmanager.",
    per_bot=False,
)
NOTIFICATION_FAILURE_RATIO = Threshold(
    name="notification_failure_ratio",
    value=0.01,
    most=1.0,
    doc="Share of the notifications of an integration that may be given up over 15 minutes.",
    per_bot=False,
)
NOTIFICATION_DEAD_RATIO = Threshold(
    name="notification_dead_ratio",
    value=0.95,
    most=1.0,
    doc="Share of the attempts of every integration that may fail before nobody is reached.",
    per_bot=False,
)


def _failing(webhook: str) -> str:
    """Return PromQL for the share of attempts that fail, of the integration that does best."""
    selector = f'{{integration{webhook}"webhook"}}[10m]'
    return (
        "min without (integration) (\n"
        f"  increase({_FAILED}{selector})\n"
        f"  / (increase({_SENT}{selector}) >= 2)\n)"
    )


PROMETHEUS = (
    Alert(
        name="PrometheusConfigReloadFailed",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value="max_over_time(prometheus_config_last_reload_successful[5m]) == 0",
        match=INSTANCE,
        summary="Prometheus uses an old configuration.",
        description=(
            "Prometheus {{ $labels.instance }} refused its changed configuration or rules. "
            "Check them with promtool."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="PrometheusRuleFailures",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value=(
            "increase(prometheus_rule_evaluation_failures_total[5m]) > 0\n"
            "or increase(prometheus_rule_group_iterations_missed_total[5m]) > 0"
        ),
        match=("instance", "rule_group"),
        summary="Prometheus does not evaluate all rules.",
        description=(
            "Rules of {{ $labels.rule_group }} fail or are left out in Prometheus "
            "{{ $labels.instance }}. Their alerts cannot fire."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="PrometheusNotIngesting",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value="sum without (type) (rate(prometheus_tsdb_head_samples_appended_total[5m])) == 0",
        match=INSTANCE,
        summary="Prometheus stores nothing.",
        description=(
            "Prometheus {{ $labels.instance }} runs, but stores no samples. "
            "Look at its targets, its disk and its log."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="PrometheusNotConnectedToAlertmanager",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value="max_over_time(prometheus_notifications_alertmanagers_discovered[5m]) < 1",
        match=INSTANCE,
        summary="Prometheus knows no Alertmanager.",
        description=(
            "Prometheus {{ $labels.instance }} has nobody to send alerts to. "
            "Look at its alerting section and at service discovery."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="PrometheusErrorSendingAlerts",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value=(
            "rate(prometheus_notifications_errors_total[5m])\n"
            "/ (rate(prometheus_notifications_sent_total[5m]) > 0)"
        ),
        threshold=SEND_ERROR_RATIO,
        match=("instance", "alertmanager"),
        wait="10m",
        summary="Alerts do not reach an Alertmanager.",
        description=(
            "{{ $value | humanizePercentage }} of the alerts that Prometheus "
            "{{ $labels.instance }} sends to {{ $labels.alertmanager }} fail. "
            "Check that it runs and can be reached."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="PrometheusScrapeLimitHit",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value=(
            "increase(prometheus_target_scrapes_exceeded_sample_limit_total[10m])\n"
            "+ increase(prometheus_target_scrapes_exceeded_body_size_limit_total[10m]) > 0"
        ),
        match=INSTANCE,
        summary="Prometheus throws whole scrapes away.",
        description=(
            "A target of Prometheus {{ $labels.instance }} shows more than sample_limit or "
            "body_size_limit allow, so all of it is lost. Raise the limit or lower the series."
        ),
        dashboard=DASHBOARD,
    ),
)
ALERTMANAGER = (
    Alert(
        name="AlertmanagerDown",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value='up{job="alertmanager"} == 0',
        match=INSTANCE,
        summary="An Alertmanager is down.",
        description=(
            "Prometheus cannot scrape the Alertmanager {{ $labels.instance }}. "
            "When it is the only one, nobody is told of anything but by the exporter."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="AlertmanagerConfigReloadFailed",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value="max_over_time(alertmanager_config_last_reload_successful[5m]) == 0",
        match=INSTANCE,
        summary="Alertmanager uses an old configuration.",
        description=(
            "Alertmanager {{ $labels.instance }} refused its changed configuration. "
            "Check it with amtool."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="AlertmanagerNotificationsFailing",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        # Newer versions split failures by reason.
        value=(
            "sum without (reason) (rate(alertmanager_notifications_failed_total[15m]))\n"
            "/ (sum without (reason) (rate(alertmanager_notifications_total[15m])) > 0)"
        ),
        threshold=NOTIFICATION_FAILURE_RATIO,
        match=("instance", "integration"),
        summary="Notifications by {{ $labels.integration }} do not arrive.",
        description=(
            "Alertmanager {{ $labels.instance }} gave up {{ $value | humanizePercentage }} of its "
            "notifications by {{ $labels.integration }}. Check the address and the credentials."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="NotificationPipelineDead",
        severity=Severity.CRITICAL,
        team=Team.PLATFORM,
        # The webhook to the exporter may work while no person is reached; it decides only where
        # nothing else was ever tried.
        value=(
            f"{_failing('!=')}\n"
            f"or {_failing('=')}\n"
            f'unless on (instance, job) {_SENT}{{integration!="webhook"}} > 0'
        ),
        threshold=NOTIFICATION_DEAD_RATIO,
        match=INSTANCE,
        summary="No notification reaches anybody.",
        description=(
            "{{ $value | humanizePercentage }} of the attempts of Alertmanager "
            "{{ $labels.instance }} fail, with every integration. "
            "Look at the alerts themselves, and at the way out to the internet."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="AlertmanagerClusterInconsistent",
        severity=Severity.WARNING,
        team=Team.PLATFORM,
        value=(f"{_MEMBERS}\n< on (job) group_left () count by (job) ({_MEMBERS})"),
        match=INSTANCE,
        wait="15m",
        summary="The Alertmanagers do not find each other.",
        description=(
            "Alertmanager {{ $labels.instance }} sees only {{ $value | humanize }} of the members "
            "of its cluster. People are told of each alert more than once."
        ),
        dashboard=DASHBOARD,
    ),
)
PEOPLE = (
    Alert(
        name="Watchdog",
        severity=Severity.NONE,
        team=Team.PLATFORM,
        value="vector(1)",
        match=(),
        wait="",
        summary="The way of alerts works.",
        description=(
            "This alert always fires. Who expects it and does not get it knows that Prometheus, "
            "Alertmanager or the way between them is dead."
        ),
        dashboard=DASHBOARD,
    ),
    Alert(
        name="AlertUnacknowledged",
        severity=Severity.CRITICAL,
        team=Team.PLATFORM,
        # What fires is pending once more after Prometheus restarted; its age must not begin anew.
        # An alert may not name another one by its label `alertname`, so that moves away.
        value=(
            "max by (source_alert, bot) (label_replace(\n"
            "  max_over_time(ALERTS{\n"
            '    alertstate="firing", severity="critical", alertname!="AlertUnacknowledged"\n'
            "  }[15m])\n"
            '  and on (alertname, bot) ALERTS{severity="critical"}\n'
            "  unless on (alertname, bot) bot_alert_acknowledged == 1,\n"
            '  "source_alert", "$1", "alertname", "(.+)"\n))'
        ),
        match=(),
        wait="10m",
        summary=f"Nobody acknowledged {_WHICH}.",
        description=(
            f"{_WHICH} has been firing for 10 minutes and nobody acknowledged it. "
            "The second line takes over."
        ),
        labels={"escalation": "second-line"},
        dashboard=DASHBOARD,
    ),
)

PIPELINE_GROUPS = (
    RuleGroup(name="prometheus_health", rules=PROMETHEUS),
    RuleGroup(name="alertmanager_health", rules=ALERTMANAGER),
    RuleGroup(name="alerting_people", rules=PEOPLE),
)
