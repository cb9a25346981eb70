"""Outcomes and states -> metrics."""

from typing import Protocol

from ..catalog import metrics_probes as names
from ..catalog.spec import Metric
from ..config.probes import Check
from ..model.probing import ProbeReason, ProbeState
from .outcome import Outcome

# Every family with the one label `probe`.
_BY_PROBE = (
    names.EXPLAINED,
    names.RUNS,
    names.DURATION,
    names.CERTIFICATE_EXPIRY,
    names.AUTH_FAILURES,
    names.QUOTA_REMAINING,
    names.QUOTA_LIMIT,
)


class Recorder(Protocol):
    """Where the numbers of the process are kept."""

    def add(self, metric: Metric, *labels: str, by: float = 1) -> None:
        """Count *by* more."""
        ...

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        """Set a gauge."""
        ...

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        """Add one observation to a histogram."""
        ...

    def forget(self, metric: Metric, *labels: str) -> None:
        """Remove one child, if it is there."""
        ...


class Record:
    """Writes what checks find; the names of checks come from the configuration only."""

    def __init__(self, own: Recorder) -> None:
        self._own = own

    def begin(self, check: Check) -> None:
        """Show a check that has not run yet; what is counted starts at 0."""
        own, name = self._own, check.name
        own.set(names.INFO, 1, *_info(check))
        own.add(names.RUNS, name, by=0)
        own.add(names.AUTH_FAILURES, name, by=0)
        for reason in ProbeReason:
            own.add(names.FAILURES, name, reason, by=0)
        self.state(name, ProbeState.UNKNOWN)
        self.explained(name, is_explained=False)

    def end(self, check: Check) -> None:
        """Forget a check that is configured no more."""
        own, name = self._own, check.name
        own.forget(names.INFO, *_info(check))
        for metric in _BY_PROBE:
            own.forget(metric, name)
        for metric in (names.FAILURES, names.STATES, names.PHASE_DURATION):
            for value in metric.labels[1].choices:
                own.forget(metric, name, value)

    def ran(self, name: str, outcome: Outcome) -> None:
        """Count a run."""
        own, facts = self._own, outcome.facts
        own.add(names.RUNS, name)
        own.observe(names.DURATION, outcome.duration_seconds, name)
        if outcome.reason is not None:
            own.add(names.FAILURES, name, outcome.reason)
        if outcome.reason is ProbeReason.AUTHENTICATION:
            own.add(names.AUTH_FAILURES, name)
        for phase in names.PHASE.choices:
            own.forget(names.PHASE_DURATION, name, phase)
        for phase, seconds in outcome.phases.items():
            own.set(names.PHASE_DURATION, seconds, name, phase)
        for metric, value in (
            (names.CERTIFICATE_EXPIRY, facts.certificate_expires_at),
            (names.QUOTA_REMAINING, facts.quota_remaining),
            (names.QUOTA_LIMIT, facts.quota_limit),
        ):
            if value is not None:
                own.set(metric, value, name)

    def state(self, name: str, state: ProbeState) -> None:
        """Show *state* as the one the check is in."""
        for one in ProbeState:
            self._own.set(names.STATES, int(one is state), name, one)

    def explained(self, name: str, *, is_explained: bool) -> None:
        """Show whether something the check depends on is down."""
        self._own.set(names.EXPLAINED, int(is_explained), name)

    def lag(self, seconds: float) -> None:
        """Count the start of a run, *seconds* after it was planned."""
        self._own.observe(names.SCHEDULE_LAG, seconds)

    def skipped(self, runs: int) -> None:
        """Count planned runs that were left out."""
        self._own.add(names.SKIPPED, by=runs)

    def running(self, runs: int, limit: int) -> None:
        """Show how many runs are under way."""
        self._own.set(names.RUNNING, runs)
        self._own.set(names.RUNNING_LIMIT, limit)


def _info(check: Check) -> tuple[str, str, str, str]:
    kind = check.kinds[0] if check.kinds else ""
    return check.name, kind, check.group, check.bot or ""
