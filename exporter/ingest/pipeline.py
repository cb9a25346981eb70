"""
From the body of a request to a durable verdict on each of its events.

decode -> check and clean -> deduplicate -> commit -> answer. An id counts as seen only together
with its commit; a duplicate of an event that is still on its way shares that commit's fate.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from ..model.access import Grant
from ..model.errors import LogFullError, LogUnavailableError
from ..model.ports import Clock, Outcome
from ..model.verdicts import Refusal, RefusedError, Rejected
from .admit import Admission, Masked
from .decode import Decoded, EventDecoder
from .limits import TokenBuckets

STRIDE = 500  # Events between two turns of the loop: about 2 ms of work.
RETRY_SECONDS = 1.0
FULL_RETRY_SECONDS = 30.0  # A full disk needs a person, or a rotation.
# The log's own words name files and settings; they are for the operator, not for bots.
_NO_ROOM = "There is no room for another event; send the batch again later."
_NO_LOG = "Events cannot be stored at the moment; send the batch again later."


@dataclass(slots=True)
class Accepted:
    """New events that go into the log together, and their deduplication keys."""

    events: list[Any]
    keys: Sequence[bytes]


class Verdict(Protocol):
    """What became of each key: indexes of new ones, of known ones, and of repeated ones."""

    @property
    def new(self) -> Sequence[int]:
        """Return the indexes of the keys nobody has seen."""
        ...

    @property
    def durable(self) -> Sequence[int]:
        """Return the indexes of the keys that are in the log."""
        ...

    @property
    def in_flight(self) -> Sequence[tuple[int, Awaitable[Any]]]:
        """Return the indexes of the keys that are being committed, with the commit."""
        ...

    @property
    def repeated(self) -> Sequence[tuple[int, int]]:
        """Return the indexes of the keys that stand twice in the list."""
        ...


class Journal(Protocol):
    """The log and its memory of ids, as the pipeline sees them."""

    def admit(self, keys: Sequence[bytes]) -> Verdict:
        """Return which keys are new; changes nothing."""
        ...

    def submit(self, accepted: Accepted, body: bytes, received_at: float) -> Awaitable[Any]:
        """
        Put the events on their way to the disk, and their keys among those in flight.

        Raises:
            LogUnavailableError: nothing can be stored now.
            LogFullError: there is no room.
        """
        ...


class PipelineTelemetry(Protocol):
    """Where verdicts are counted; accepted events are counted when they are applied."""

    def duplicates(self, count: int) -> None:
        """Count events that were accepted before."""
        ...

    def rejected(self, verdicts: Sequence[Rejected]) -> None:
        """Count events that were not accepted."""
        ...

    def masked(self, masked: Masked) -> None:
        """Count what was dropped or masked for privacy."""
        ...


class Pipeline:
    """Implements `model.ports.Ingest`."""

    def __init__(  # noqa: PLR0913 - the door of everything; each part is one of its steps
        self,
        *,
        decoder: EventDecoder,
        admission: Admission,
        buckets: TokenBuckets,
        journal: Journal,
        telemetry: PipelineTelemetry,
        clock: Clock,
    ) -> None:
        self._decoder = decoder
        self._admission = admission
        self._buckets = buckets
        self._journal = journal
        self._telemetry = telemetry
        self._clock = clock
        self._encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode_lines

    async def ingest(self, body: bytes, *, ndjson: bool, grant: Grant) -> Outcome:
        """
        Return the verdicts once every accepted event is on disk.

        Raises:
            RefusedError: nothing of the request counts; `retry_after_seconds` says when to retry.
        """
        decoded = self._decoder.decode(body, ndjson=ndjson)
        wait = self._buckets.take(grant.name, decoded.total)
        if wait:
            raise RefusedError(
                Refusal.RATE_LIMITED,
                "this token sends more events than its limit; slow down",
                retry_after_seconds=wait,
            )
        arrival = self._clock.wall()
        masked = Masked()
        if len(decoded.events) <= STRIDE:
            accepted = self._check(decoded, grant, arrival, masked)
        else:
            accepted = await self._check_many(decoded, grant, arrival, masked)
        if masked.texts or masked.contacts or masked.redactions:
            self._telemetry.masked(masked)
        duplicates = await self._store(accepted, arrival) if accepted.events else 0
        if duplicates:
            self._telemetry.duplicates(duplicates)
        if decoded.rejected:
            decoded.rejected.sort(key=lambda verdict: verdict.index)
            self._telemetry.rejected(decoded.rejected)
        return Outcome(len(accepted.events) - duplicates, duplicates, decoded.rejected)

    def rehearse(self, body: bytes, grant: Grant) -> bytes:
        """
        Return what would be stored of *body*; nothing is stored and nothing counts.

        Raises:
            RefusedError: it is not accepted as a whole.
        """
        decoded = self._decoder.decode(body, ndjson=False)
        accepted = self._check(decoded, grant, self._clock.wall(), Masked())
        if decoded.rejected:
            raise RefusedError(Refusal.MALFORMED, decoded.rejected[0].message)
        return self._encode(accepted.events)

    async def _check_many(
        self, decoded: Decoded, grant: Grant, arrival: float, masked: Masked
    ) -> Accepted:
        """Check a long batch in strides, so that others get their turn in between."""
        accepted = Accepted([], [])
        keys: list[bytes] = []
        for start in range(0, len(decoded.events), STRIDE):
            if start:
                await asyncio.sleep(0)
            stride = slice(start, start + STRIDE)
            part = Decoded(decoded.events[stride], decoded.indexes[stride], decoded.rejected)
            checked = self._check(part, grant, arrival, masked)
            accepted.events += checked.events
            keys += checked.keys
        accepted.keys = keys
        return accepted

    def _check(self, decoded: Decoded, grant: Grant, arrival: float, masked: Masked) -> Accepted:
        """Return what passes every check; the verdicts on the rest join those of *decoded*."""
        events = decoded.events
        results = self._admission.admit(events, grant, arrival, masked)
        keys = [result for result in results if isinstance(result, bytes)]
        if len(keys) == len(events):
            return Accepted(events, keys)
        passed = []
        for place, result in enumerate(results):
            if isinstance(result, bytes):
                passed.append(events[place])
            else:
                decoded.rejected.append(Rejected(decoded.indexes[place], *result))
        return Accepted(passed, keys)

    async def _store(self, accepted: Accepted, arrival: float) -> int:
        """Commit what is new and return how many events were duplicates."""
        # No await between here and `submit`: nobody else may admit the same ids in between.
        verdict = self._journal.admit(accepted.keys)
        duplicates = len(accepted.keys) - len(verdict.new)
        if duplicates:
            accepted = Accepted(
                [accepted.events[i] for i in verdict.new], [accepted.keys[i] for i in verdict.new]
            )
        try:
            if accepted.events:
                body = self._encode(accepted.events)
                await self._journal.submit(accepted, body, arrival)
            for _, commit in verdict.in_flight:
                await commit
        except LogFullError as error:
            raise RefusedError(
                Refusal.LOG_FULL, _NO_ROOM, retry_after_seconds=FULL_RETRY_SECONDS
            ) from error
        except LogUnavailableError as error:
            raise RefusedError(
                Refusal.LOG_UNAVAILABLE, _NO_LOG, retry_after_seconds=RETRY_SECONDS
            ) from error
        return duplicates
