"""Short forms for the kinds of fields that many event types share."""

from ..model.units import Unit
from .envelope import LABEL_LENGTH
from .spec import MISSING, Field, FieldType, Privacy

TEXT_LENGTH = 65_536
LONGEST_SECONDS = 31 * 86_400
MOST = 1_000_000_000_000


def name_of(name: str, doc: str, *, required: bool = False, length: int = LABEL_LENGTH) -> Field:
    """Return a public text field that may become a label."""
    default = None if required else MISSING
    return Field(
        name=name,
        type=FieldType.STRING,
        doc=doc,
        required=required,
        default=default,
        max_length=length,
    )


def choice(
    name: str, doc: str, *choices: str, default: str | None = None, required: bool = False
) -> Field:
    """Return a public text field with a closed set of values."""
    return Field(
        name=name,
        type=FieldType.STRING,
        doc=doc,
        choices=choices,
        default=default,
        required=required,
    )


def flag(name: str, doc: str, *, default: bool | None = None) -> Field:
    """Return a boolean field."""
    return Field(name=name, type=FieldType.BOOLEAN, doc=doc, default=default)


def seconds(
    name: str, doc: str, *, required: bool = False, maximum: float = LONGEST_SECONDS
) -> Field:
    """Return a duration from 0 to *maximum* seconds."""
    return Field(
        name=name,
        type=FieldType.NUMBER,
        doc=doc,
        unit=Unit.SECONDS,
        required=required,
        minimum=0,
        maximum=maximum,
    )


def ratio(name: str, doc: str, *, required: bool = False) -> Field:
    """Return a share from 0 to 1."""
    return Field(
        name=name,
        type=FieldType.NUMBER,
        doc=doc,
        unit=Unit.RATIO,
        required=required,
        minimum=0,
        maximum=1,
    )


def amount(name: str, doc: str, *, required: bool = False, maximum: float = MOST) -> Field:
    """Return a sum of money or another number that is never negative."""
    return Field(
        name=name,
        type=FieldType.NUMBER,
        doc=doc,
        required=required,
        minimum=0,
        maximum=maximum,
    )


def usd(name: str, doc: str) -> Field:
    """Return a cost in US dollars."""
    return Field(
        name=name,
        type=FieldType.NUMBER,
        doc=doc,
        unit=Unit.USD,
        minimum=0,
        maximum=1_000_000,
    )


def count(
    name: str, doc: str, *, required: bool = False, minimum: int = 0, maximum: int = 10**9
) -> Field:
    """Return a whole number from *minimum* to *maximum*."""
    return Field(
        name=name,
        type=FieldType.INTEGER,
        doc=doc,
        required=required,
        minimum=minimum,
        maximum=maximum,
    )


def moment(name: str, doc: str) -> Field:
    """Return a point in time: RFC 3339 with a zone, or seconds since 1970."""
    return Field(name=name, type=FieldType.TIMESTAMP, doc=doc, unit=Unit.TIMESTAMP)


def text(name: str, doc: str) -> Field:
    """Return free text of people: dropped unless the operator keeps it, then redacted."""
    return Field(
        name=name,
        type=FieldType.STRING,
        doc=doc,
        privacy=Privacy.CONTENT,
        max_length=TEXT_LENGTH,
    )


def internal(name: str, doc: str, *, length: int = 128) -> Field:
    """Return a stored identifier that never becomes a label."""
    return Field(
        name=name,
        type=FieldType.STRING,
        doc=doc,
        privacy=Privacy.INTERNAL,
        max_length=length,
    )


def contact(name: str, doc: str) -> Field:
    """Return contact data of a person: sealed for integrations, or dropped and counted."""
    return Field(
        name=name,
        type=FieldType.STRING,
        doc=doc,
        privacy=Privacy.CONTACT,
        max_length=256,
    )
