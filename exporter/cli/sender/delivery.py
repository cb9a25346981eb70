"""Sends one batch until there is a verdict on each of its events."""

import gzip
import http.client
import itertools
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from ... import __version__
from ...model.errors import ExporterError
from ..endpoint import Endpoint
from .batches import Batch, halves
from .patience import WORTH_ANOTHER_ATTEMPT, Patience

TIMEOUT_SECONDS = 60.0
LARGEST_ANSWER = 16 * 1024 * 1024
LARGEST_RATIO = 50  # The exporter refuses bodies that inflate a hundredfold.
LONGEST_QUOTE = 300

_WITH_VERDICTS = (HTTPStatus.ACCEPTED, HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
_REMEDIES: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "name a valid token with --token-file or BOT_EXPORTER_TOKEN",
    HTTPStatus.NOT_FOUND: "check --url, it leads to something else",
}


class Verdict(msgspec.Struct, frozen=True):
    """One event that was not accepted."""

    index: int
    reason: str
    message: str
    path: str = ""


class Verdicts(msgspec.Struct, frozen=True):
    """What became of the events of one request."""

    accepted: int
    duplicates: int
    rejected: tuple[Verdict, ...] = ()


class _Refusal(msgspec.Struct):
    message: str = ""


class RefusedError(ExporterError):
    """The exporter does not take this request, and will not take it later."""


class GaveUpError(ExporterError):
    """It was tried for long enough; part of the batch may have arrived."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    retry_after: str | None


class Delivery:
    """
    A connection to the exporter.

    Args:
        endpoint: Where events go.
        token: Goes along with every request, when given.
        patience: When to try again.
        on_wait: Told why and how long it waits.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        token: str | None,
        patience: Patience,
        on_wait: Callable[[str, float], None],
    ) -> None:
        self._endpoint = endpoint
        self._connection = endpoint.connect(TIMEOUT_SECONDS)
        self._headers = {
            "Content-Type": "application/x-ndjson",
            "User-Agent": f"bot-exporter-send/{__version__}",
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }
        self._patience = patience
        self._on_wait = on_wait

    def send(self, batch: Batch) -> Iterator[tuple[Batch, Verdicts]]:
        """
        Yield the batch with its verdicts; in pieces when it was too large for the exporter.

        Raises:
            RefusedError: no event of it will ever be taken.
            GaveUpError: it was tried for long enough.
        """
        answer = self._answered(batch)
        if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            if len(batch) > 1:
                for half in halves(batch):
                    yield from self.send(half)
            else:
                yield batch, Verdicts(0, 0, (Verdict(0, "too_large", _message(answer)),))
            return
        yield batch, _verdicts(answer)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _answered(self, batch: Batch) -> _Answer:
        """Try until there is an answer that another attempt would not change."""
        body, headers = self._packed(batch)
        started = self._patience.monotonic()
        for attempt in itertools.count():
            answer, why = self._attempt(body, headers)
            if answer is not None and answer.status not in WORTH_ANOTHER_ATTEMPT:
                return answer
            pause = self._patience.pause(attempt, answer.retry_after if answer else None)
            tried = self._patience.monotonic() - started
            if tried + pause > self._patience.give_up_seconds:
                raise GaveUpError(f"gave up after {tried:.0f} s and {attempt + 1} attempts: {why}")
            self._on_wait(why, pause)
            self._patience.sleep(pause)
        raise AssertionError("an endless loop has ended")

    def _packed(self, batch: Batch) -> tuple[bytes, dict[str, str]]:
        plain = b"".join(event.body + b"\n" for event in batch)
        packed = gzip.compress(plain, compresslevel=6, mtime=0)
        if len(plain) > LARGEST_RATIO * len(packed):
            return plain, self._headers
        return packed, {**self._headers, "Content-Encoding": "gzip"}

    def _attempt(self, body: bytes, headers: dict[str, str]) -> tuple[_Answer | None, str]:
        """Return the answer, if there is one, and what to say about it."""
        connection = self._connection
        try:
            connection.request("POST", self._endpoint.target, body=body, headers=headers)
            response = connection.getresponse()
            content = response.read(LARGEST_ANSWER)
        except ssl.SSLCertVerificationError as error:
            connection.close()
            raise RefusedError(f"the certificate is not valid: {error.verify_message}") from error
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return None, str(error) or type(error).__name__
        answer = _Answer(response.status, content, response.headers.get("Retry-After"))
        return answer, f"status {answer.status}: {_message(answer)}"


def _verdicts(answer: _Answer) -> Verdicts:
    if answer.status in _WITH_VERDICTS:
        try:
            return msgspec.json.decode(answer.body, type=Verdicts)
        except msgspec.DecodeError:
            pass  # A refusal of the whole request, or not the exporter at all.
    remedy = _REMEDIES.get(answer.status)
    message = f"the answer has status {answer.status}: {_message(answer)}"
    raise RefusedError(f"{message.rstrip('.')}; {remedy}" if remedy else message)


def _message(answer: _Answer) -> str:
    try:
        message = msgspec.json.decode(answer.body, type=_Refusal).message
    except (msgspec.DecodeError, RecursionError):
        message = ""
    return message[:LONGEST_QUOTE] or "not the answer of a bot-exporter"
