"""
The answer of ``/probe``: gauges with the names of the blackbox exporter, as existing rules want.

They are no families of the catalogue: they belong to the target of one request.
"""

from collections.abc import Iterator

from ..model.probing import ProbeKind, ProbePhase
from .outcome import Outcome, Verdict

HTTP_PHASES = tuple(ProbePhase)


def exposition(outcome: Outcome, kind: ProbeKind, *, took: float, timeout_seconds: float) -> str:
    """Return *outcome* in the text format 0.0.4."""
    facts = outcome.facts
    lines = [
        *_gauge("probe_success", "Whether the probe succeeded", outcome.verdict is Verdict.OK),
        *_gauge("probe_duration_seconds", "How long the probe took, in seconds", took),
        *_gauge("probe_timeout_seconds", "Time after which it would be ended", timeout_seconds),
        *_gauge(
            "probe_dns_lookup_time_seconds",
            "Time of the name lookup, in seconds",
            outcome.phases.get(ProbePhase.RESOLVE, 0.0),
        ),
        *_gauge("probe_ip_protocol", "Version of the IP protocol, 4 or 6", facts.ip_version),
    ]
    if outcome.reason is not None:
        text = "Why the probe did not succeed"
        lines += _labelled("probe_failure_info", text, [(f'reason="{outcome.reason}"', 1)])
    if kind is ProbeKind.HTTP:
        lines += _http(outcome)
    if kind is ProbeKind.DNS:
        lines += _gauge("probe_dns_answer_rrs", "Records in the answer", facts.answers)
    lines += _tls(outcome)
    return "".join(f"{line}\n" for line in lines)


def _http(outcome: Outcome) -> Iterator[str]:
    facts = outcome.facts
    yield from _gauge("probe_http_status_code", "Status of the answer", facts.http_status)
    yield from _gauge("probe_http_redirects", "Redirects that were followed", facts.redirects)
    yield from _gauge("probe_http_ssl", "Whether TLS was used at the end", facts.is_encrypted)
    yield from _gauge("probe_http_version", "Version of HTTP in the answer", facts.http_version)
    yield from _gauge(
        "probe_http_content_length", "Length of the body, as the answer says", facts.content_length
    )
    yield from _gauge(
        "probe_http_uncompressed_body_length", "Length of the body as read", facts.body_bytes
    )
    yield from _gauge(
        "probe_failed_due_to_regex",
        "Whether conditions on the body were not met",
        facts.has_body_mismatch,
    )
    phases = [(f'phase="{name}"', outcome.phases.get(name, 0.0)) for name in HTTP_PHASES]
    text = "Time of the phases of the request, summed over redirects"
    yield from _labelled("probe_http_duration_seconds", text, phases)


def _tls(outcome: Outcome) -> Iterator[str]:
    facts = outcome.facts
    if facts.certificate_expires_at is not None:
        yield from _gauge(
            "probe_ssl_earliest_cert_expiry",
            "When the first certificate expires, in seconds since 1970",
            facts.certificate_expires_at,
        )
    if facts.tls_version:
        # There it is "TLS 1.3", here the library says TLSv1.3.
        version = facts.tls_version.replace("TLSv", "TLS ")
        text = "Version of TLS that was used"
        yield from _labelled("probe_tls_version_info", text, [(f'version="{version}"', 1)])


def _gauge(name: str, text: str, value: float) -> list[str]:
    return [f"# HELP {name} {text}", f"# TYPE {name} gauge", f"{name} {_number(value)}"]


def _labelled(name: str, text: str, samples: list[tuple[str, float]]) -> list[str]:
    lines = [f"{name}{{{labels}}} {_number(value)}" for labels, value in samples]
    return [f"# HELP {name} {text}", f"# TYPE {name} gauge", *lines]


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
