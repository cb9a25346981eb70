"""An exporter whose listening sockets somebody else holds, as systemd does."""

import socket
import sys
from pathlib import Path
from types import TracebackType

from tests.support.server import Exporter

NAMES = ("public", "internal")
BACKLOG = 1024


class HeldExporter(Exporter):
    """
    Its two ports are open from here to `release`, whether or not a process runs.

    Args:
        directory: As for `Exporter`.
        settings: Likewise.
        names: What the sockets are called, the public one first.
    """

    def __init__(
        self, directory: Path, *, settings: str = "", names: tuple[str, str] = NAMES
    ) -> None:
        super().__init__(directory, settings=settings)
        self.sockets = [
            socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
            for port in (self.ingest_port, self.web_port)
        ]
        self.passed = tuple(sock.fileno() for sock in self.sockets)
        descriptors = ":".join(map(str, self.passed))
        self._wrapper = (
            *(sys.executable, "-m", "tests.support.hand_over"),
            *(":".join(names), descriptors),
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave neither process nor sockets behind."""
        super().__exit__(kind, error, trace)
        self.release()

    def release(self) -> None:
        """Close the sockets."""
        for sock in self.sockets:
            sock.close()
