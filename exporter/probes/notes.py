"""What a run writes down while it goes on, so that even one that is cut off can be explained."""

from collections.abc import Callable
from ssl import SSLObject

from ..model.probing import ProbePhase
from .outcome import Facts

MOST_LINES = 200


class Notes:
    """The phase a run is in, the time of those before, the facts, and a log for people."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._began = monotonic()
        self._since = self._began
        self._phases: dict[ProbePhase, float] = {}
        self.phase: ProbePhase | None = None
        self.facts = Facts()
        self.lines: list[str] = []
        self.session: SSLObject | None = None

    @property
    def elapsed(self) -> float:
        """Return the time since the run began."""
        return self._monotonic() - self._began

    @property
    def phases(self) -> dict[ProbePhase, float]:
        """Return the time of each phase so far; one that happened twice is added up."""
        phases = dict(self._phases)
        if self.phase is not None:
            so_far = self._monotonic() - self._since
            phases[self.phase] = phases.get(self.phase, 0.0) + so_far
        return phases

    def enter(self, phase: ProbePhase | None) -> None:
        """End the phase under way and begin *phase*; None: nothing that is measured."""
        now = self._monotonic()
        if self.phase is not None:
            self._phases[self.phase] = self._phases.get(self.phase, 0.0) + now - self._since
        self.phase = phase
        self._since = now

    def encrypts(self, session: SSLObject) -> None:
        """Note that TLS begins; *session* tells of the certificate later."""
        self.session = session
        self.enter(ProbePhase.TLS)

    def say(self, line: str) -> None:
        """Add a line to the log; it must hold no secret."""
        if len(self.lines) < MOST_LINES:
            self.lines.append(f"{self.elapsed:8.3f} s  {line}")
