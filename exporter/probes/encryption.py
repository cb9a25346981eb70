"""TLS for checks: contexts made from settings, which tell the run when a handshake begins."""

import ssl
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from ..config.probes import TlsSettings
from ..model.probing import ProbeReason
from .certificate import earliest_expiry
from .notes import Notes
from .outcome import FailedError

MOST_CONTEXTS = 256

# The event loop makes the session in a callback, and callbacks inherit the variables of the task.
current_notes: ContextVar[Notes | None] = ContextVar("current_notes", default=None)


class _NotingContext(ssl.SSLContext):
    def wrap_bio(self, *args: Any, **more: Any) -> ssl.SSLObject:  # noqa: ANN401 - passed on as it is
        """Tell the run that TLS begins."""
        session = super().wrap_bio(*args, **more)
        notes = current_notes.get()
        if notes is not None:
            notes.encrypts(session)
        return session


@lru_cache(MOST_CONTEXTS)
def tls_context(settings: TlsSettings) -> ssl.SSLContext:
    """
    Return the context for *settings*; loading authorities takes 10 ms, so it is kept.

    Raises:
        FailedError: the authorities cannot be read.
    """
    context = _NotingContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = (
        ssl.TLSVersion.TLSv1_3 if settings.min_version == "1.3" else ssl.TLSVersion.TLSv1_2
    )
    try:
        if settings.ca_file:
            context.load_verify_locations(cafile=settings.ca_file)
        else:
            context.load_default_certs()
    except OSError:
        message = "the authorities in ca_file cannot be read"
        raise FailedError(ProbeReason.INTERNAL, message) from None
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def note_session(notes: Notes, settings: TlsSettings, now: float) -> None:
    """Take the facts of the TLS session, if there is one; *now* is in seconds since 1970."""
    session, facts = notes.session, notes.facts
    if session is None:
        return
    facts.is_encrypted = True
    facts.tls_version = session.version() or ""
    facts.certificate_expires_at = expires = earliest_expiry(session)
    notes.say(f"encrypted with {facts.tls_version}")
    limit = settings.expires_within_seconds
    if expires is not None and limit is not None and expires - now < limit:
        facts.concerns.append("the certificate expires soon")
