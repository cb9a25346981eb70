"""What state the exporter is in, and what it answers to those who ask."""

from enum import Enum


class Stage(Enum):
    """The life of the process, in order."""

    RECOVERING = "recovering"
    READY = "ready"
    STOPPING = "stopping"


class Health:
    """
    Alive is not ready: a start that reads its log is alive, and must not be killed for it.

    *why* tells people what the exporter waits for.
    """

    def __init__(self) -> None:
        self.stage = Stage.RECOVERING
        self.why = "reading the event log"

    @property
    def is_ready(self) -> bool:
        """Return whether events are taken and `/metrics` is complete."""
        return self.stage is Stage.READY

    @property
    def serves(self) -> bool:
        """Return whether a request that has arrived is answered; also while stopping."""
        return self.stage is not Stage.RECOVERING

    def become_ready(self) -> None:
        """Note that recovery is over."""
        self.stage = Stage.READY
        self.why = ""

    def stop(self) -> None:
        """Note that the process was told to end."""
        self.stage = Stage.STOPPING
        self.why = "stopping"
