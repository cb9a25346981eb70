"""
A journal and a telemetry a test has in its own hands.

`tests.unit.service.test_journal` checks that the fake journal behaves like the real one.
"""

from collections import Counter
from collections.abc import Awaitable, Sequence

from exporter.ingest.admit import Masked
from exporter.ingest.pipeline import Accepted
from exporter.log.commit import Commit
from exporter.log.frame import Position
from exporter.log.seen import Admission
from exporter.model.verdicts import Rejected


class FakeJournal:
    """
    Stores in memory: at once, or while *holds* when the test says so.

    *refusal* is raised by `submit`; *failure* is how commits end that are not held.
    """

    def __init__(self) -> None:
        self.holds = False
        self.refusal: Exception | None = None
        self.failure: Exception | None = None
        self.bodies: list[bytes] = []
        self.accepted = 0
        self._durable: set[bytes] = set()
        self._waiting: list[tuple[Accepted, Commit]] = []

    def admit(self, keys: Sequence[bytes]) -> Admission:
        flying = {key: commit for accepted, commit in self._waiting for key in accepted.keys}
        durable = [i for i, key in enumerate(keys) if key in self._durable]
        in_flight = [(i, flying[key]) for i, key in enumerate(keys) if key in flying]
        others = [i for i, key in enumerate(keys) if key not in self._durable | flying.keys()]
        first = {keys[i]: i for i in reversed(others)}
        return Admission(
            new=sorted(first.values()),
            durable=durable,
            in_flight=in_flight,
            repeated=[(i, first[keys[i]]) for i in others if first[keys[i]] != i],
        )

    def submit(self, accepted: Accepted, body: bytes, received_at: float) -> Awaitable[Position]:
        if self.refusal is not None:
            raise self.refusal
        commit = Commit()
        self.bodies.append(body)
        self._waiting.append((accepted, commit))
        if not self.holds:
            self.settle(self.failure)
        return commit

    def settle(self, failure: Exception | None = None) -> None:
        """End the commit that has waited longest, with *failure* if there is one."""
        accepted, commit = self._waiting.pop(0)
        if failure is not None:
            commit.fail(failure)
            return
        self._durable.update(accepted.keys)
        self.accepted += len(accepted.events)
        commit.set_result(Position(1, 0))

    def settle_all(self, failure: Exception) -> None:
        """End every commit that still waits."""
        while self._waiting:
            self.settle(failure)


class FakeTelemetry:
    """Counts what the pipeline says."""

    def __init__(self) -> None:
        self.duplicate = 0
        self.reasons: Counter[str] = Counter()
        self.maskings: list[Masked] = []

    @property
    def rejected_events(self) -> int:
        """Return how many events were rejected in all."""
        return self.reasons.total()

    def duplicates(self, count: int) -> None:
        self.duplicate += count

    def rejected(self, verdicts: Sequence[Rejected]) -> None:
        self.reasons.update(verdict.reason.value for verdict in verdicts)

    def masked(self, masked: Masked) -> None:
        self.maskings.append(masked)
