"""Decoding, checking and cleaning a batch against json and a prebuilt jsonschema validator."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from statistics import median

from exporter.catalog.build import event_structs
from exporter.catalog.builtin import CATALOG
from exporter.ingest.admit import Admission, AdmissionRules, Identities, Masked
from exporter.ingest.decode import EventDecoder
from exporter.ingest.explain import Explainer
from exporter.ingest.privacy import KEY_BYTES, Pseudonyms
from exporter.model.access import Grant, Scope

from .events import bodies, stamped
from .naive import validators

BATCH = 100
REPEATS = 40  # Batches of one of our measurements: ten milliseconds or so.
GRANT = Grant("bench", frozenset({Scope.INGEST}))


@dataclass(frozen=True, slots=True)
class Decoded:
    """Microseconds of processor an event takes."""

    decode_us: float
    admit_us: float
    naive_us: float

    @property
    def ratio(self) -> float:
        """Return how many times less decoding and validating costs."""
        return self.naive_us / self.decode_us


def measure_decode(*, rounds: int) -> Decoded:
    """Return the medians of *rounds*, taken in turns."""
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

    for _ in range(rounds):
        ours.append(_us_per_event(lambda body: decoder.decode(body, ndjson=False), batches))
        both.append(_us_per_event(admit, batches))
        naive.append(_us_per_event(validate, batches[:4]))
    return Decoded(median(ours), median(both) - median(ours), median(naive))


def _us_per_event(work: Callable[[bytes], object], batches: list[bytes]) -> float:
    began = time.process_time()
    for body in batches:
        work(body)
    return (time.process_time() - began) / (len(batches) * BATCH) * 1e6
