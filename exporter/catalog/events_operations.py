"""Every built-in event type of errors, queues, integrations and upkeep."""

from .fields import choice, count, flag, moment, name_of, ratio, seconds, text
from .spec import EventType

ERROR = EventType(
    name="error",
    doc="Something in the bot failed.",
    fields=(
        name_of("component", "Part of the bot that failed."),
        name_of("error", "Class of the error, never its message.", required=True),
        flag("fatal", "Whether the user was left without an answer.", default=False),
        text("message", "Text of the error."),
    ),
)
QUEUE = EventType(
    name="queue",
    doc="The state of a queue of the bot.",
    fields=(
        name_of("queue", "Name of the queue.", required=True),
        count("depth", "How many items wait.", required=True),
        seconds("oldest_seconds", "Age of the oldest item."),
    ),
)
INTEGRATION_CALL = EventType(
    name="integration_call",
    doc="The bot called a partner's API or delivered a webhook.",
    fields=(
        name_of("integration", "Name of the partner or API.", required=True),
        choice(
            "outcome",
            "How it ended.",
            "ok",
            "error",
            "timeout",
            "auth_error",
            "rate_limited",
            default="ok",
        ),
        count("status_code", "HTTP status.", maximum=999),
        seconds("duration_seconds", "Time it took.", maximum=86_400),
        count("quota_remaining", "Calls left in the current period."),
        count("quota_limit", "Calls the period allows."),
    ),
)
KNOWLEDGE_BASE = EventType(
    name="knowledge_base",
    doc="The state of a source of knowledge.",
    fields=(
        name_of("source", "Name of the source.", required=True),
        count("documents", "Documents it holds."),
        ratio("coverage", "Share of questions it can answer."),
        moment("updated_at", "When it was last updated."),
        count("expired_urls", "Links that no longer answer."),
        count("pending_uploads", "Files that wait to be read."),
    ),
)
DEPLOY = EventType(name="deploy", doc="A version of the bot went live; send `version`.")
HEARTBEAT = EventType(name="heartbeat", doc="The bot is alive, though nobody may talk to it.")

OPERATIONS = (ERROR, QUEUE, INTEGRATION_CALL, KNOWLEDGE_BASE, DEPLOY, HEARTBEAT)
