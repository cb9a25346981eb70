"""Alerts on knowledge that nobody looks after: old, incomplete, full of dead links."""

from .alert_spec import Alert, RuleFile, RuleGroup, Severity, Team, Threshold

DAY = 86_400.0
KIND = {"kind": "maintenance"}

AGE = Threshold(
    name="knowledge_age_seconds",
    value=30 * DAY,
    doc="Seconds since the last update of a source of knowledge.",
)
EXPIRED_URLS = Threshold(
    name="knowledge_expired_urls",
    value=0.0,
    doc="Links of a source of knowledge that may be dead.",
)
UPLOADS = Threshold(
    name="knowledge_pending_uploads",
    value=100.0,
    doc="Files that may wait to become knowledge.",
)
UPLOADS_STUCK = Threshold(
    name="knowledge_uploads_left_in_a_day",
    value=0.0,
    doc="Files that may still wait at the emptiest moment of a day.",
)
COVERAGE = Threshold(
    name="knowledge_coverage_ratio",
    value=0.7,
    most=1.0,
    doc="Share of questions that a source of knowledge must be able to answer.",
)

MAINTENANCE = RuleFile(
    name="maintenance",
    doc="What needs care, but not today.",
    groups=(
        RuleGroup(
            name="bot_maintenance",
            rules=(
                Alert(
                    name="BotKnowledgeOutdated",
                    severity=Severity.INFO,
                    team=Team.BOTS,
                    value=(
                        "time() - max without (instance) "
                        "(bot_knowledge_base_updated_timestamp_seconds)"
                    ),
                    threshold=AGE,
                    match=("bot", "source"),
                    wait="1h",
                    summary="The knowledge of {{ $labels.bot }} in {{ $labels.source }} is old.",
                    description=(
                        "{{ $labels.source }} of {{ $labels.bot }} was updated "
                        "{{ $value | humanizeDuration }} ago. Update it, or stop reporting it."
                    ),
                    dashboard="bot-detail",
                    labels=KIND,
                ),
                Alert(
                    name="BotKnowledgeLinksExpired",
                    severity=Severity.INFO,
                    team=Team.BOTS,
                    value="max without (instance) (bot_knowledge_base_expired_urls)",
                    threshold=EXPIRED_URLS,
                    match=("bot", "source"),
                    wait="1h",
                    summary="{{ $labels.bot }} knows pages that are gone.",
                    description=(
                        "{{ $value | humanize }} links in {{ $labels.source }} of "
                        "{{ $labels.bot }} do not answer any more. Replace or remove them."
                    ),
                    dashboard="bot-detail",
                    labels=KIND,
                ),
                Alert(
                    name="BotKnowledgeUploadsPending",
                    severity=Severity.WARNING,
                    team=Team.BOTS,
                    value="max without (instance) (bot_knowledge_base_pending_uploads)",
                    threshold=UPLOADS,
                    match=("bot", "source"),
                    wait="1h",
                    summary="Many files wait to become knowledge of {{ $labels.bot }}.",
                    description=(
                        "{{ $value | humanize }} files wait for {{ $labels.source }} of "
                        "{{ $labels.bot }}. Look at the job that reads them."
                    ),
                    dashboard="bot-detail",
                    labels=KIND,
                ),
                Alert(
                    name="BotKnowledgeUploadsStuck",
                    severity=Severity.WARNING,
                    team=Team.BOTS,
                    value="max without (instance) (bot_knowledge_base_pending_uploads)",
                    threshold=UPLOADS_STUCK,
                    match=("bot", "source"),
                    wait="1d",
                    summary="Files have waited for a day to become knowledge of {{ $labels.bot }}.",
                    description=(
                        "{{ $value | humanize }} files wait for {{ $labels.source }} of "
                        "{{ $labels.bot }}, and it was never empty for a day. Look at the job "
                        "that reads them."
                    ),
                    dashboard="bot-detail",
                    labels=KIND,
                ),
                Alert(
                    name="BotKnowledgeCoverageLow",
                    severity=Severity.INFO,
                    team=Team.BOTS,
                    value="min without (instance) (bot_knowledge_base_coverage_ratio)",
                    op="<",
                    threshold=COVERAGE,
                    match=("bot", "source"),
                    wait="1h",
                    summary="{{ $labels.bot }} cannot answer many questions.",
                    description=(
                        "{{ $labels.source }} of {{ $labels.bot }} covers only "
                        "{{ $value | humanizePercentage }} of the questions. "
                        "Write answers for those that users ask most."
                    ),
                    dashboard="bot-detail",
                    labels=KIND,
                ),
            ),
        ),
    ),
)
