"""Decoding, checking and cleaning a batch against json and a prebuilt jsonschema validator."""

import json
import time
from collections.abc import Callable
from random import Random

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.ingest.admit import Admission, AdmissionRules, Identities, Masked
from exporter.ingest.decode import EventDecoder
from exporter.ingest.explain import Explainer
from exporter.ingest.privacy import KEY_BYTES, Pseudonyms
from exporter.model.access import Grant, Scope

from .events import bodies, stamped
from .measure import ratio, spread
from .naive import validators
from .scale import Scale
from .section import Goal, Section

BATCH = 100
REPEATS = 40  # Batches of one of our measurements: ten milliseconds or so.
FASTER = 50  # Times, against json and jsonschema.
GRANT = Grant("bench", frozenset({Scope.INGEST}))


def decode_part(scale: Scale) -> Section:
    """Decode within this process, in turns."""
    structs = event_structs(CATALOG, strict=True)
    decoder = EventDecoder(structs, Explainer(CATALOG), max_events=BATCH)
    identities = Identities(Pseudonyms(Random(0).randbytes(KEY_BYTES)))
    admission = Admission(CATALOG, structs, identities, AdmissionRules())
    known = validators()
    templates = bodies(BATCH)
    batches = [stamped(templates[n % len(templates)], n) for n in range(REPEATS)]
    ours, both, naive = [], [], []

    def admit(body: bytes) -> None:
        admission.admit(decoder.decode(body, ndjson=False).events, GRANT, time.time(), Masked())

    def validate(body: bytes) -> None:
        for event in json.loads(body):
            known[event["type"]].validate(event)

    for _ in range(scale.decode_rounds):
        ours.append(_us_per_event(lambda body: decoder.decode(body, ndjson=False), batches))
        both.append(_us_per_event(admit, batches))
        naive.append(_us_per_event(validate, batches[:4]))
    checks = [total - decode for total, decode in zip(both, ours, strict=True)]
    return Section(
        "Decoding against json and jsonschema",
        (Goal("decode and validate", ratio(naive, ours), "x", FASTER, at_least=True),),
        (
            f"- Decode: {spread(ours):.2f} us an event; check and clean: {spread(checks):.2f} us.",
            f"- json and a prebuilt jsonschema validator: {spread(naive):.0f} us.",
        ),
    )


def _us_per_event(work: Callable[[bytes], object], batches: list[bytes]) -> float:
    began = time.process_time()
    for body in batches:
        work(body)
    return (time.process_time() - began) / (len(batches) * BATCH) * 1e6
