"""Errors of the network -> reasons."""

import errno
import ssl

import aiohttp

from ..model.probing import ProbePhase, ProbeReason
from .outcome import FailedError

TIMEOUTS = {
    ProbePhase.RESOLVE: ProbeReason.RESOLVE_TIMEOUT,
    ProbePhase.CONNECT: ProbeReason.CONNECT_TIMEOUT,
    ProbePhase.TLS: ProbeReason.TLS_TIMEOUT,
    ProbePhase.PROCESSING: ProbeReason.RESPONSE_TIMEOUT,
    ProbePhase.TRANSFER: ProbeReason.TRANSFER_TIMEOUT,
}
# The machine is short of something, or forbids it: that says nothing about the target.
OURS = {
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOBUFS,
    errno.EADDRNOTAVAIL,
    errno.EACCES,
    errno.EPERM,
}
_BY_NUMBER = {
    errno.ECONNREFUSED: ProbeReason.CONNECTION_REFUSED,
    errno.ECONNRESET: ProbeReason.CONNECTION_RESET,
    errno.ECONNABORTED: ProbeReason.CONNECTION_RESET,
    errno.EPIPE: ProbeReason.CONNECTION_RESET,
    errno.ETIMEDOUT: ProbeReason.CONNECT_TIMEOUT,
}
_CUT = FailedError(ProbeReason.CONNECTION_RESET, "the connection was cut")
# Numbers of OpenSSL, x509_vfy.h.
_EXPIRED = 10
_WRONG_NAMES = (62, 64)
_OLD_PROTOCOL = (
    "UNSUPPORTED_PROTOCOL",
    "PROTOCOL_VERSION",
    "NO_PROTOCOLS_AVAILABLE",
    "VERSION_TOO",
)


def failure_of(error: BaseException, phase: ProbePhase | None) -> FailedError | None:
    """Return what *error*, raised in *phase*, says; None for one that nobody expects."""
    for one in _causes(error):
        if isinstance(one, FailedError):
            return one
        found = _of_tls(one) or _of_system(one, phase)
        if found is not None:
            return found
    return _of_http(error, phase)


def timeout_in(phase: ProbePhase | None) -> FailedError:
    """Return the failure of a run that was cut off in *phase*."""
    reason = TIMEOUTS.get(phase or ProbePhase.PROCESSING, ProbeReason.RESPONSE_TIMEOUT)
    return FailedError(reason, f"no end in time; it was at: {phase or 'start'}")


def _causes(error: BaseException) -> list[BaseException]:
    """Return *error* and what it wraps, the innermost first."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain and len(chain) < 10:  # noqa: PLR2004 - deep
        chain.append(current)
        wrapped = getattr(current, "os_error", None) or getattr(current, "certificate_error", None)
        current = wrapped or current.__cause__
    return chain[::-1]


def _of_tls(error: BaseException) -> FailedError | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code == _EXPIRED:
            return FailedError(ProbeReason.TLS_EXPIRED, "the certificate has expired")
        if error.verify_code in _WRONG_NAMES:
            return FailedError(ProbeReason.TLS_WRONG_NAME, "the certificate is for another name")
        return FailedError(ProbeReason.TLS_UNTRUSTED, "nobody who is trusted vouches for it")
    if isinstance(error, ssl.SSLError):
        reason = str(error.reason or "")
        old = any(word in reason for word in _OLD_PROTOCOL)
        why = "TLS is too old" if old else f"no TLS is spoken there ({reason.lower()})"
        return FailedError(ProbeReason.TLS_PROTOCOL, why)
    return None


def _of_system(error: BaseException, phase: ProbePhase | None) -> FailedError | None:
    if not isinstance(error, OSError):
        return None
    if phase is ProbePhase.TLS and isinstance(error, ConnectionError):
        return FailedError(ProbeReason.TLS_PROTOCOL, "the other side ended the start of TLS")
    number = error.errno
    if number in OURS:
        return FailedError(ProbeReason.INTERNAL, f"this machine refused: {error.strerror}")
    if number is None:
        is_cut = isinstance(error, ConnectionResetError | BrokenPipeError)
        return _CUT if is_cut else None
    reason = _BY_NUMBER.get(number, ProbeReason.UNREACHABLE)
    return FailedError(reason, f"the network says {errno.errorcode.get(number, number)}")


def _of_http(error: BaseException, phase: ProbePhase | None) -> FailedError | None:
    if isinstance(error, TimeoutError):
        return timeout_in(phase)
    # The library wraps a cut in the middle of a body, and tells of it only in words.
    if isinstance(error, aiohttp.ClientPayloadError) and "ConnectionResetError" in str(error):
        return _CUT
    for kind, reason, detail in _PLAIN:
        if isinstance(error, kind):
            return FailedError(reason, detail)
    return None


# The first that fits; the order is from the special to the general.
_PLAIN: tuple[tuple[type[BaseException], ProbeReason, str], ...] = (
    (
        aiohttp.ServerDisconnectedError,
        ProbeReason.CONNECTION_RESET,
        "it closed the connection before an answer",
    ),
    (aiohttp.ClientPayloadError, ProbeReason.PROTOCOL, "the body ends too early or is malformed"),
    (aiohttp.ClientConnectionError, ProbeReason.UNREACHABLE, "it cannot be reached"),
    (aiohttp.ClientError, ProbeReason.PROTOCOL, "the answer is no sound HTTP"),
    (EOFError, ProbeReason.CONNECTION_RESET, "it closed the connection before an answer"),
)
