"""Runs every check at its planned time, never one of them twice at once, and keeps its state."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..config.probes import Check, Probes
from ..model.ports import Clock
from ..model.probing import ProbeReason, ProbeState
from .attempt import Attempts
from .build import Workshop
from .debounce import PATIENCE_INTERVALS, Track
from .kinds import Probe
from .outcome import FailedError, Outcome
from .plan import Plan
from .record import Record

# Given the bot of a check, or nothing: whether planned work is under way now.
IsMaintained = Callable[[str | None], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A run that has ended, for those who keep a history."""

    check: Check
    outcome: Outcome
    state: ProbeState
    began_at: float  # Seconds since 1970.


Listener = Callable[[Ran], None]


@dataclass(slots=True, kw_only=True)
class _Watched:
    check: Check
    probe: Probe
    track: Track
    shown: ProbeState | None = None
    explained: bool | None = None
    task: asyncio.Task[None] | None = None


class Prober:
    """
    The checks of a configuration. `configure` it, then `run` it.

    A check that does not change keeps its state and its plan when the configuration does.
    """

    def __init__(
        self, *, attempts: Attempts, record: Record, clock: Clock, is_maintained: IsMaintained
    ) -> None:
        self._attempts = attempts
        self._log = attempts.log
        self._record = record
        self._clock = clock
        self._is_maintained = is_maintained
        self._began = clock.monotonic()
        self._watched: dict[str, _Watched] = {}
        self._limit = 1
        self._slots = asyncio.Semaphore(1)
        self._running = 0
        self._changed = asyncio.Event()
        self.listeners: list[Listener] = []

    def configure(self, probes: Probes, workshop: Workshop) -> None:
        """Take over *probes*; the checks that are new or different begin anew."""
        if probes.concurrency != self._limit:
            self._limit = probes.concurrency
            self._slots = asyncio.Semaphore(probes.concurrency)
        wanted = {check.name: check for check in probes.checks}
        for name, watched in list(self._watched.items()):
            if wanted.get(name) == watched.check:
                # Files and the allow-list may have changed though the check did not.
                watched.probe = _probe(watched.check, workshop)
            else:
                self._drop(watched)
        for name, check in wanted.items():
            if name not in self._watched:
                self._watched[name] = _watch(check, workshop)
                self._record.begin(check)
        self._changed.set()

    async def run(self) -> None:
        """Run the checks until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self._changed.clear()
                    for watched in self._watched.values():
                        if watched.task is None:
                            watched.task = group.create_task(self._keep(watched))
                    await self._changed.wait()
        finally:
            for watched in self._watched.values():
                watched.task = None

    def refresh(self) -> None:
        """Bring the states that are shown up to date: they also change with the time."""
        now = self._clock.monotonic()
        states = {name: watched.track.shown(now) for name, watched in self._watched.items()}
        for name, watched in self._watched.items():
            under_work = self._is_maintained(watched.check.bot)
            state = ProbeState.MAINTENANCE if under_work else states[name]
            if state is not watched.shown:
                self._record.state(name, state)
                watched.shown = state
            explained = self._is_explained(watched.check.depends_on, states)
            if explained is not watched.explained:
                self._record.explained(name, is_explained=explained)
                watched.explained = explained
        self._record.running(self._running, self._limit)

    def state_of(self, name: str) -> ProbeState:
        """Return the state of a check as it was shown last."""
        return self._watched[name].shown or ProbeState.UNKNOWN

    def _is_explained(self, names: Sequence[str], states: dict[str, ProbeState]) -> bool:
        """Return whether one of *names*, or what that depends on, is down."""
        return any(
            states[name] is ProbeState.DOWN
            or self._is_explained(self._watched[name].check.depends_on, states)
            for name in names
            if name in states
        )

    def _drop(self, watched: _Watched) -> None:
        del self._watched[watched.check.name]
        if watched.task is not None:
            watched.task.cancel()
        self._record.end(watched.check)

    async def _keep(self, watched: _Watched) -> None:
        check = watched.check
        plan = Plan(
            check.name,
            interval=check.interval_seconds,
            jitter_ratio=check.jitter_ratio,
            began=self._began,
        )
        planned = plan.first(self._clock.monotonic())
        while True:
            await asyncio.sleep(max(0.0, planned - self._clock.monotonic()))
            async with self._slots:
                self._record.lag(max(0.0, self._clock.monotonic() - planned))
                await self._once(watched)
            planned, missed = plan.next(self._clock.monotonic())
            if missed:
                self._record.skipped(missed)

    async def _once(self, watched: _Watched) -> None:
        check = watched.check
        began, at = self._clock.monotonic(), self._clock.wall()
        self._running += 1
        try:
            outcome = await self._attempts.make(
                watched.probe, timeout_seconds=check.timeout_seconds, tries=check.retries + 1
            )
        finally:
            self._running -= 1
        before = watched.track.state
        watched.track.take(outcome, began)
        if watched.track.state is not before:
            self._log.info(
                "probe_state_changed",
                probe=check.name,
                before=before.value,
                state=watched.track.state.value,
                reason=outcome.reason,
                detail=outcome.detail,
            )
        self._record.ran(check.name, outcome)
        ran = Ran(check=check, outcome=outcome, state=watched.track.state, began_at=at)
        for listener in self.listeners:
            listener(ran)


class _Unusable:
    """Stands for a check that cannot be made, such as one whose library was removed."""

    def __init__(self, error: FailedError) -> None:
        self._error = error

    async def run(self, _notes: object) -> None:
        raise FailedError(ProbeReason.INTERNAL, self._error.detail)


def _probe(check: Check, workshop: Workshop) -> Probe:
    try:
        return workshop.check(check)
    except FailedError as error:
        return _Unusable(error)


def _watch(check: Check, workshop: Workshop) -> _Watched:
    longest = (check.retries + 1) * check.timeout_seconds
    patience = PATIENCE_INTERVALS * check.interval_seconds + longest
    track = Track(
        failures_needed=check.failures,
        slow_seconds=check.slow_seconds,
        patience_seconds=patience,
    )
    return _Watched(check=check, probe=_probe(check, workshop), track=track)
