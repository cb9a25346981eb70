"""Talks to Alertmanager, version 2 of its API: which receivers there are, one alert, its end."""

import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote

from ..model.errors import ExporterError
from .control import Json
from .endpoint import Endpoint

TIMEOUT_SECONDS = 10.0
LARGEST_ANSWER = 16 * 2**20
FIRES_SECONDS = 3600.0  # Should nobody resolve it, Alertmanager does.


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The alert that a test sends; *run* tells one test from another."""

    receiver: str
    run: str
    began: float
    name: str = "TestPage"

    @property
    def bot(self) -> str:
        """Return the bot it claims to be about."""
        return f"test-page-{self.run}"

    @property
    def summary(self) -> str:
        """Return what a person reads."""
        return f"This is a test of the receiver {self.receiver}; nothing is broken."

    @property
    def labels(self) -> dict[str, str]:
        """Return its labels; routes match `receiver_test`."""
        return {
            "alertname": self.name,
            "bot": self.bot,
            "severity": "critical",
            "team": "platform",
            "receiver_test": self.receiver,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """What Alertmanager does with an alert."""

    receivers: list[str]
    silenced: bool


class AlertmanagerClient:
    """Asks the Alertmanager at *endpoint*; every request has its own connection."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def receivers(self) -> list[str]:
        """
        Return the names of the receivers.

        Raises:
            ExporterError: Alertmanager cannot be asked.
        """
        return [str(entry.get("name")) for entry in _objects(self._ask("GET", "/receivers"))]

    def fire(self, alert: Trial) -> None:
        """
        Let *alert* fire.

        Raises:
            ExporterError: Alertmanager did not take it.
        """
        self._post(alert, ends=alert.began + FIRES_SECONDS)

    def resolve(self, alert: Trial, *, at: float) -> None:
        """
        Let *alert* end.

        Raises:
            ExporterError: Alertmanager did not take it.
        """
        self._post(alert, ends=at)

    def routed(self, alert: Trial) -> Routed | None:
        """
        Return where *alert* goes; None while Alertmanager does not list it.

        Raises:
            ExporterError: Alertmanager cannot be asked.
        """
        matcher = quote(f'bot="{alert.bot}"')
        found = _objects(self._ask("GET", f"/alerts?filter={matcher}"))
        if not found:
            return None
        status = found[0].get("status")
        silences = status.get("silencedBy") if isinstance(status, dict) else None
        names = [str(entry.get("name")) for entry in _objects(found[0].get("receivers"))]
        return Routed(receivers=names, silenced=bool(silences))

    def _post(self, alert: Trial, *, ends: float) -> None:
        entry: Json = {
            "labels": dict(alert.labels),
            "annotations": {
                "summary": alert.summary,
                "description": "Somebody ran bot-exporter test-page. It resolves by itself.",
            },
            "startsAt": _time(alert.began),
            "endsAt": _time(ends),
        }
        self._ask("POST", "/alerts", [entry])

    def _ask(self, method: str, path: str, body: Json = None) -> Json:
        base = self._endpoint.target.rstrip("/")
        endpoint = replace(self._endpoint, target=f"{base}/api/v2{path}")
        connection = endpoint.connect(TIMEOUT_SECONDS)
        content = None if body is None else json.dumps(body)
        where = f"Alertmanager at {endpoint.host}:{endpoint.port or 'its usual port'}"
        try:
            connection.request(
                method, endpoint.target, content, {"Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            text = answer.read(LARGEST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            why = str(error) or type(error).__name__
            raise ExporterError(
                f"{where} cannot be reached ({why}); start it, or name it with --alertmanager.url"
            ) from None
        finally:
            connection.close()
        if answer.status != HTTPStatus.OK:
            raise ExporterError(f"{where} answered with status {answer.status}; is the URL right?")
        return _decoded(text, where) if text else None


def _decoded(text: bytes, where: str) -> Json:
    try:
        decoded: Json = json.loads(text)
    except (ValueError, RecursionError):
        raise ExporterError(f"{where} is no Alertmanager: its answer is no JSON") from None
    return decoded


def _objects(value: Json) -> Sequence[dict[str, Json]]:
    entries = value if isinstance(value, list) else []
    return [entry for entry in entries if isinstance(entry, dict)]


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()
