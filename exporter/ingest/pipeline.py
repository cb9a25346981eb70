"""
From the body of a request to a durable verdict on each of its events.

decode -> check and clean -> deduplicate -> commit -> answer. An id counts as seen only together
with its commit; a duplicate of an event that is still on its way shares that commit's fate.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Run:
    """The events of one request that passed every check, with their places in it."""

    events: list[Any] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)


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
        run = await self._check(decoded, grant, arrival)
        duplicates = await self._store(run, arrival) if run.events else 0
        if duplicates:
            self._telemetry.duplicates(duplicates)
        if decoded.rejected:
            decoded.rejected.sort(key=lambda verdict: verdict.index)
            self._telemetry.rejected(decoded.rejected)
        return Outcome(len(run.events) - duplicates, duplicates, decoded.rejected)

    async def _check(self, decoded: Decoded, grant: Grant, arrival: float) -> _Run:
        run, masked = _Run(), Masked()
        for start in range(0, len(decoded.events), STRIDE):
            if start:
                await asyncio.sleep(0)
            events = decoded.events[start : start + STRIDE]
            results = self._admission.admit(events, grant, arrival, masked)
            for place, (event, result) in enumerate(zip(events, results, strict=True), start):
                if isinstance(result, bytes):
                    run.events.append(event)
                    run.keys.append(result)
                else:
                    decoded.rejected.append(Rejected(decoded.indexes[place], *result))
        if masked.texts or masked.contacts or masked.redactions:
            self._telemetry.masked(masked)
        return run

    async def _store(self, run: _Run, arrival: float) -> int:
        """Commit what is new and return how many events were duplicates."""
        events, keys = run.events, run.keys
        # No await between here and `submit`: nobody else may admit the same ids in between.
        verdict = self._journal.admit(keys)
        duplicates = 0
        if len(verdict.new) != len(keys):
            duplicates = len(keys) - len(verdict.new)
            events = [events[i] for i in verdict.new]
            keys = [keys[i] for i in verdict.new]
        try:
            if events:
                body = self._encode(events)
                await self._journal.submit(Accepted(events, keys), body, arrival)
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
