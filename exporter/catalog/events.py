"""Every built-in event type of conversations and of the AI behind them."""

from .events_business import BUSINESS
from .events_operations import OPERATIONS
from .fields import choice, count, flag, name_of, ratio, seconds, text, usd
from .spec import EventType

MESSAGE_KINDS = ("text", "voice", "image", "file", "button", "location", "other")

MESSAGE_RECEIVED = EventType(
    name="message_received",
    doc="A user's message reached the bot; it opens a turn.",
    fields=(
        choice("kind", "Form of the message.", *MESSAGE_KINDS, default="text"),
        text("text", "What the user wrote."),
    ),
)
MESSAGE_SENT = EventType(
    name="message_sent",
    doc="The bot sent a message; the first one of a conversation answers its open turns.",
    fields=(
        choice("kind", "Form of the message.", *MESSAGE_KINDS, default="text"),
        choice(
            "status",
            "How the answer came out; `failed` makes the turn fail, `fallback` is a shrug.",
            "ok",
            "fallback",
            "failed",
            default="ok",
        ),
        choice(
            "source",
            "Where the answer came from.",
            "flow",
            "faq",
            "retrieval",
            "llm",
            "guardrail",
            "agent",
            "unknown",
            default="unknown",
        ),
        seconds(
            "response_seconds",
            "Response time the bot measured itself; default: from the received message's ts.",
            maximum=86_400,
        ),
        text("text", "What the bot wrote."),
    ),
)
INTENT_DETECTED = EventType(
    name="intent_detected",
    doc="The language understanding chose an intent for a message.",
    fields=(
        name_of("intent", "Name of the intent.", required=True),
        ratio("confidence", "Confidence of the classifier, 0 to 1."),
        flag("correct", "Whether a person confirmed the intent; only from labelled samples."),
    ),
)
LLM_CALL = EventType(
    name="llm_call",
    doc="One call to a language model completed or failed.",
    fields=(
        name_of("model", "Name of the model.", required=True),
        name_of("provider", "Who runs the model."),
        choice(
            "outcome",
            "How the call ended.",
            "ok",
            "error",
            "timeout",
            "rate_limited",
            "filtered",
            default="ok",
        ),
        seconds("duration_seconds", "Time from request to last token.", maximum=86_400),
        seconds("first_token_seconds", "Time from request to first token.", maximum=86_400),
        count("input_tokens", "Tokens sent, cached ones included."),
        count("output_tokens", "Tokens generated, reasoning included."),
        count("cached_tokens", "Tokens of the input that came from a cache."),
        count("reasoning_tokens", "Tokens of the output that the user does not see."),
        usd("cost_usd", "Price of the call."),
    ),
)
ACTION = EventType(
    name="action",
    doc="The bot called a tool, a function or an API to do something.",
    fields=(
        name_of("action", "Name of the tool or method.", required=True),
        choice(
            "outcome",
            "How it ended.",
            "ok",
            "error",
            "timeout",
            "rejected",
            default="ok",
        ),
        seconds("duration_seconds", "Time it took.", maximum=86_400),
        count("results", "How many results it returned."),
    ),
)
CONVERSATION_STARTED = EventType(
    name="conversation_started",
    doc="A conversation began.",
    fields=(name_of("referrer", "Where the user came from: campaign, page, link."),),
)
CONVERSATION_ENDED = EventType(
    name="conversation_ended",
    doc="A conversation was closed.",
    fields=(
        choice(
            "outcome",
            "How it ended; only a confirmed solution is `resolved`.",
            "resolved",
            "unresolved",
            "escalated",
            "abandoned",
            required=True,
        ),
        seconds("duration_seconds", "From first to last message."),
        count("turns", "Turns of the user.", maximum=1_000_000),
    ),
)
ESCALATION = EventType(
    name="escalation",
    doc="The bot handed the conversation to a person.",
    fields=(
        name_of("reason", "Why: user_request, low_confidence, policy, failure ..."),
        name_of("team", "Team or queue that took over."),
        seconds("wait_seconds", "Time the user waited for a person."),
    ),
)
FEEDBACK = EventType(
    name="feedback",
    doc="The bot asked for a rating, or the user gave one: CSAT, thumbs or NPS.",
    fields=(
        flag("requested", "True when this only asks for a rating.", default=False),
        count("csat", "Satisfaction, 1 to 5.", minimum=1, maximum=5),
        choice("thumbs", "Verdict on an answer.", "up", "down"),
        count("nps", "Likelihood to recommend, 0 to 10.", maximum=10),
        text("comment", "What the user wrote with it."),
    ),
)
SENTIMENT = EventType(
    name="sentiment",
    doc="The mood of a message or conversation was estimated.",
    fields=(
        choice("sentiment", "Direction.", "positive", "neutral", "negative", required=True),
        name_of("emotion", "Finer class: joy, anger, confusion ..."),
        ratio("strength", "How strong, 0 to 1."),
    ),
)

CONVERSATIONS = (
    MESSAGE_RECEIVED,
    MESSAGE_SENT,
    INTENT_DETECTED,
    LLM_CALL,
    ACTION,
    CONVERSATION_STARTED,
    CONVERSATION_ENDED,
    ESCALATION,
    FEEDBACK,
    SENTIMENT,
)

ALL = (*CONVERSATIONS, *BUSINESS, *OPERATIONS)
