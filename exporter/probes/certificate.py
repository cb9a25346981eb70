"""When a certificate expires, read from its DER without a library for the rest of it."""

import ssl
from datetime import UTC, datetime

_SEQUENCE, _INTEGER, _VERSION = 0x30, 0x02, 0xA0
_UTC_TIME, _GENERAL_TIME = 0x17, 0x18
_LONG_FORM = 0x80
_LONGEST_LENGTH = 4


def earliest_expiry(session: ssl.SSLObject) -> float | None:
    """Return when the first certificate that the other side showed expires, seconds since 1970."""
    chain = getattr(session, "get_unverified_chain", None)  # From Python 3.13 on.
    shown = chain() if chain is not None else [session.getpeercert(binary_form=True)]
    times = [expiry_of(der) for der in shown if der]
    return min((time for time in times if time is not None), default=None)


def expiry_of(der: bytes) -> float | None:
    """Return the notAfter of the certificate *der* in seconds since 1970, None if unreadable."""
    try:
        certificate, _ = _open(der, _SEQUENCE)
        body, _ = _open(certificate, _SEQUENCE)
        if body[0] == _VERSION:
            _, body = _open(body, _VERSION)
        _, body = _open(body, _INTEGER)  # Serial number.
        _, body = _open(body, _SEQUENCE)  # Algorithm.
        _, body = _open(body, _SEQUENCE)  # Issuer.
        validity, _ = _open(body, _SEQUENCE)
        _, after = _open(validity, validity[0])
        text, _ = _open(after, after[0])
        return _moment(text.decode("ascii"), after[0])
    except (IndexError, ValueError):
        return None


def _open(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """Return the content of the first element of *data*, and what follows it."""
    if data[0] != tag:
        raise ValueError(f"tag {data[0]:#x}, not {tag:#x}")
    size, at = data[1], 2
    if size >= _LONG_FORM:
        count = size - _LONG_FORM
        if not 1 <= count <= _LONGEST_LENGTH:
            raise ValueError("a length that no certificate has")
        size, at = int.from_bytes(data[2 : 2 + count], "big"), 2 + count
    if len(data) < at + size:
        raise ValueError("cut off")
    return data[at : at + size], data[at + size :]


def _moment(text: str, tag: int) -> float:
    if tag not in (_UTC_TIME, _GENERAL_TIME):
        raise ValueError(f"tag {tag:#x} is no time")
    if tag == _UTC_TIME:  # RFC 5280: 50 to 99 are of the twentieth century.
        text = ("19" if text >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()
