"""The fields every event may carry."""

from ..model.units import Unit
from .spec import MISSING, Field, FieldType, Privacy

S, T = FieldType.STRING, FieldType.TIMESTAMP

ID_BYTES = 128
LABEL_LENGTH = 64

ID = Field(
    name="id",
    type=S,
    privacy=Privacy.PSEUDONYM,
    max_length=ID_BYTES,
    doc="Deduplication key, unique per bot and type; without it a retry counts twice.",
)
TS = Field(
    name="ts",
    type=T,
    unit=Unit.TIMESTAMP,
    doc="When it happened: RFC 3339 with a zone, or seconds since 1970; default: on arrival.",
)
BOT = Field(
    name="bot",
    type=S,
    required=True,
    max_length=LABEL_LENGTH,
    doc="Name of the bot: letters, digits, `_ . : -`.",
)
PLATFORM = Field(
    name="platform",
    type=S,
    default=MISSING,
    max_length=LABEL_LENGTH,
    doc="Channel the user writes on: telegram, whatsapp, web, slack, voice ...",
)
USER = Field(
    name="user",
    type=S,
    privacy=Privacy.PSEUDONYM,
    max_length=256,
    doc="Your identifier of the user; only a keyed digest of it is kept.",
)
SESSION = Field(
    name="session",
    type=S,
    privacy=Privacy.PSEUDONYM,
    max_length=256,
    doc="Identifier of the session; only a keyed digest of it is kept.",
)
CONVERSATION = Field(
    name="conversation",
    type=S,
    privacy=Privacy.PSEUDONYM,
    max_length=256,
    doc="Identifier of the conversation; only a keyed digest of it is kept.",
)
VERSION = Field(name="version", type=S, max_length=LABEL_LENGTH, doc="Version of the bot.")
COUNTRY = Field(
    name="country",
    type=S,
    default=MISSING,
    max_length=8,
    doc="Country of the user, ISO 3166-1 alpha-2. Send the country, never the address.",
)
LANGUAGE = Field(
    name="language",
    type=S,
    default=MISSING,
    max_length=16,
    doc="Language of the user, BCP 47.",
)
DEVICE = Field(
    name="device",
    type=S,
    default=MISSING,
    max_length=32,
    doc="Kind of device: phone, tablet, desktop, speaker ...",
)
PLAN = Field(
    name="plan",
    type=S,
    default=MISSING,
    max_length=32,
    doc="Plan the user is on: free, pro, business ...",
)
TRACE_ID = Field(
    name="trace_id",
    type=S,
    privacy=Privacy.INTERNAL,
    max_length=64,
    doc="Trace that belongs to the event; becomes an exemplar.",
)
PROPERTIES = Field(
    name="properties",
    type=FieldType.PROPERTIES,
    privacy=Privacy.CONTENT,
    doc="Anything else: a flat object of strings, numbers, booleans and null, at most 64 keys.",
)

ENVELOPE = (
    ID,
    TS,
    BOT,
    PLATFORM,
    USER,
    SESSION,
    CONVERSATION,
    VERSION,
    COUNTRY,
    LANGUAGE,
    DEVICE,
    PLAN,
    TRACE_ID,
    PROPERTIES,
)
