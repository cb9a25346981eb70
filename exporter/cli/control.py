"""Talks to a running exporter through its control socket."""

import http.client
import json
from pathlib import Path
from typing import TypeAlias

from ..model.errors import ExporterError
from ..service import unix

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

TIMEOUT_SECONDS = 30.0
LARGEST_ANSWER = 64 * 1024 * 1024


class NotRunningError(ExporterError):
    """Nobody listens on the control socket."""


class ControlRefusedError(ExporterError):
    """The exporter answered with an error; the message is its."""


class ControlClient:
    """Sends one request at a time; every request has its own connection."""

    def __init__(self, path: Path, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._path = path
        self._timeout_seconds = timeout_seconds

    def request(self, method: str, target: str, body: Json = None) -> Json:
        """
        Return the answer of the exporter.

        Raises:
            NotRunningError: nobody listens.
            ControlRefusedError: it refused.
            ExporterError: it cannot be reached, or what it said is no answer.
        """
        connection = _UnixConnection(self._path, self._timeout_seconds)
        try:
            connection.request(method, target, body=None if body is None else json.dumps(body))
            response = connection.getresponse()
            answer = _decoded(response.read(LARGEST_ANSWER))
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NotRunningError(f"no exporter listens on {self._path}; start it") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            what = str(error) or type(error).__name__
            raise ExporterError(f"{self._path}: {what}; run this as the exporter's user") from error
        finally:
            connection.close()
        if response.status >= http.client.BAD_REQUEST:
            raise ControlRefusedError(_message(answer, response.status))
        return answer


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout_seconds: float) -> None:
        super().__init__("localhost")
        self._path = path
        self._timeout_seconds = timeout_seconds

    def connect(self) -> None:
        self.sock = unix.connect(self._path, timeout_seconds=self._timeout_seconds)


def _decoded(content: bytes) -> Json:
    decoded: Json = json.loads(content)
    return decoded


def _message(answer: Json, status: int) -> str:
    message = answer.get("message") if isinstance(answer, dict) else None
    return str(message) if message else f"the exporter answered with status {status}"
