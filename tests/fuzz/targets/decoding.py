"""Bytes of a request: decoded, checked, stored and read back."""

import json

import msgspec

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.ingest.admit import Masked
from exporter.ingest.decode import Decoded
from exporter.model.ports import Outcome
from exporter.model.verdicts import Reason, RefusedError, Rejected
from tests.unit.ingest.parts import ANYBODY, ARRIVAL, new_admission, new_decoder

MOST_EVENTS = 50  # Few enough that the limit is met as well.
LONGEST_MESSAGE = 20_000

_ADMISSION = new_admission()
_DECODER = new_decoder(MOST_EVENTS)
_STORED = msgspec.json.Decoder(event_structs(CATALOG, strict=False).union)
_encode_lines = msgspec.json.Encoder().encode_lines


def decode(data: bytes) -> str:
    """Decode *data* as JSON and as lines; what is taken must come back from the log."""
    said = [_decode(data, ndjson=ndjson) for ndjson in (True, False)]
    return said[-1]


def _decode(data: bytes, *, ndjson: bool) -> str:
    try:
        decoded = _DECODER.decode(data, ndjson=ndjson)
    except RefusedError as error:
        return error.refusal.value
    _check_places(decoded)
    for each in decoded.rejected:
        _check(each)
    if not ndjson and decoded.events and not decoded.rejected:
        _compare(data, decoded)
    refused = [*decoded.rejected, *_store(decoded)]
    msgspec.json.encode(Outcome(decoded.total - len(refused), 0, refused))
    return refused[0].reason.value if refused else "accepted"


def _check_places(decoded: Decoded) -> None:
    """Check that every place has an event or a verdict, and never both."""
    places = sorted([*decoded.indexes, *(each.index for each in decoded.rejected)])
    assert list(range(decoded.total)) == places, places
    assert list(decoded.indexes) == sorted(decoded.indexes)


def _check(verdict: Rejected) -> None:
    assert isinstance(verdict.reason, Reason), verdict
    assert verdict.path.startswith("$"), verdict
    assert 0 < len(verdict.message) < LONGEST_MESSAGE, verdict


def _compare(data: bytes, decoded: Decoded) -> None:
    """Check that another parser reads the same events out of a body without a mistake."""
    value = json.loads(data)
    events = value if isinstance(value, list) else [value]
    assert [event["bot"] for event in events] == [event.bot for event in decoded.events]
    kinds = [event.__struct_config__.tag for event in decoded.events]
    assert [event["type"] for event in events] == kinds


def _store(decoded: Decoded) -> list[Rejected]:
    """Admit the events and read them back as a restart would; return who did not pass."""
    results = _ADMISSION.admit(decoded.events, ANYBODY, ARRIVAL, Masked())
    refused = [Rejected(0, *result) for result in results if not isinstance(result, bytes)]
    for verdict in refused:
        _check(verdict)
    passed = [e for e, r in zip(decoded.events, results, strict=True) if isinstance(r, bytes)]
    again = _STORED.decode_lines(_encode_lines(passed))
    assert [event.id for event in passed] == [event.id for event in again]
    return refused
