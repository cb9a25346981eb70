"""The parts of the way in, made from the built-in catalogue, and events to send through them."""

import json
from typing import Any

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.ingest.admit import Admission, AdmissionRules, Identities, Masked
from exporter.ingest.decode import EventDecoder
from exporter.ingest.explain import Explainer
from exporter.ingest.privacy import Pseudonyms
from exporter.ingest.sealing import Seal
from exporter.model.access import Grant, Scope
from exporter.model.verdicts import Reason

ARRIVAL = 1_770_000_000.0
KEY = bytes(range(32))
ANYBODY = Grant(name="any", scopes=frozenset({Scope.INGEST}))
HEARTBEAT = b'{"type":"heartbeat","bot":"shop"}'
STRUCTS = event_structs(CATALOG, strict=True)
EXPLAINER = Explainer(CATALOG)

Verdict = bytes | tuple[Reason, str, str]


def new_decoder(max_events: int = 1000) -> EventDecoder:
    """Return a decoder of the built-in events."""
    return EventDecoder(STRUCTS, EXPLAINER, max_events=max_events)


def new_admission(
    *,
    key: bytes = KEY,
    rules: AdmissionRules | None = None,
    seal: Seal | None = None,
    shared: dict[str, list[str]] | None = None,
) -> Admission:
    """Return the checks of the built-in events."""
    identities = Identities(Pseudonyms(key, shared), seal)
    return Admission(CATALOG, STRUCTS, identities, rules or AdmissionRules())


def sample(kind: str = "heartbeat", /, **fields: object) -> dict[str, object]:
    """Return an event of the bot `shop`."""
    return {"type": kind, "bot": "shop", **fields}


def decoded(event: dict[str, object]) -> Any:  # noqa: ANN401 - a struct made at run time
    """Return *event* as the decoder gives it."""
    result = new_decoder().decode(json.dumps(event).encode(), ndjson=False)
    assert [] == result.rejected
    return result.events[0]


def admitted(
    event: dict[str, object], admission: Admission, grant: Grant = ANYBODY
) -> tuple[Any, Verdict]:
    """Return *event* as it is stored, and what the checks said of it."""
    struct = decoded(event)
    (verdict,) = admission.admit([struct], grant, ARRIVAL, Masked())
    return struct, verdict


def reason_of(verdict: Verdict) -> Reason | None:
    """Return why an event was rejected; None when it was not."""
    return None if isinstance(verdict, bytes) else verdict[0]
