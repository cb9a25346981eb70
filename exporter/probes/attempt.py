"""One run of a check under a deadline that holds whatever the check does."""

import asyncio
from typing import Protocol

from ..model.ports import Clock
from ..model.probing import ProbePhase, ProbeReason
from .faults import failure_of, timeout_in
from .kinds import Probe
from .notes import Notes
from .outcome import FailedError, Outcome, Verdict

GRACE_SECONDS = 0.25  # What a run that was cut off gets to close its connection.


class ProbeLog(Protocol):
    """The part of a logger that checks use."""

    def info(self, event: str, **fields: object) -> object:
        """Write a line about something expected."""
        ...

    def error(self, event: str, **fields: object) -> object:
        """Write a line that a human must act on."""
        ...


class Attempts:
    """Runs checks."""

    def __init__(self, *, clock: Clock, log: ProbeLog) -> None:
        self._clock = clock
        self.log = log
        # A run that does not end when told to: kept, or it would be collected while it goes on.
        self._stuck: set[asyncio.Task[None]] = set()

    async def make(self, probe: Probe, *, timeout_seconds: float, tries: int = 1) -> Outcome:
        """Return the outcome of the first good try, or of the last one."""
        outcome, _ = await self.noted(probe, timeout_seconds=timeout_seconds)
        while outcome.verdict is not Verdict.OK and tries > 1:
            tries -= 1
            outcome, _ = await self.noted(probe, timeout_seconds=timeout_seconds)
        return outcome

    async def noted(self, probe: Probe, *, timeout_seconds: float) -> tuple[Outcome, Notes]:
        """Return the outcome of one try, and what it wrote down."""
        notes = Notes(self._clock.monotonic)
        task = asyncio.create_task(self._run(probe, notes))
        try:
            await asyncio.wait({task}, timeout=timeout_seconds)
            took, phase = notes.elapsed, notes.phase
            notes.enter(None)
            if not task.done():
                failure: FailedError | None = timeout_in(phase)
                notes.say(f"cut off after {timeout_seconds:g} s")
            else:
                failure = self._failure(task, phase)
        finally:
            await self._end(task)
        if failure is not None:
            notes.say(f"{failure.reason}: {failure.detail}")
        return _outcome(failure, notes, took), notes

    async def _run(self, probe: Probe, notes: Notes) -> None:
        await probe.run(notes)

    def _failure(self, task: asyncio.Task[None], phase: ProbePhase | None) -> FailedError | None:
        error = None if task.cancelled() else task.exception()
        if error is None and not task.cancelled():
            return None
        failure = failure_of(error, phase) if error is not None else None
        if failure is None:
            # A mistake of ours says nothing about the target.
            self.log.error("probe_broken", error_type=type(error).__name__)
            failure = FailedError(ProbeReason.INTERNAL, "the check itself is broken")
        return failure

    async def _end(self, task: asyncio.Task[None]) -> None:
        if task.done():
            return
        task.cancel()
        await asyncio.wait({task}, timeout=GRACE_SECONDS)
        if not task.done():
            self._stuck.add(task)
            task.add_done_callback(self._stuck.discard)
        elif not task.cancelled():
            task.exception()  # Looked at; nothing complains that nobody did.


def _outcome(failure: FailedError | None, notes: Notes, took: float) -> Outcome:
    if failure is None:
        verdict, reason, detail = Verdict.OK, None, ""
    else:
        is_ours = failure.reason is ProbeReason.INTERNAL
        verdict = Verdict.UNKNOWN if is_ours else Verdict.FAILED
        reason, detail = failure.reason, failure.detail
    return Outcome(
        verdict=verdict,
        duration_seconds=took,
        reason=reason,
        detail=detail,
        phases=notes.phases,
        facts=notes.facts,
    )
