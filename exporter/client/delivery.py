"""One batch at a time, until there is a verdict on each of its events or none will ever come."""

import gzip
import itertools
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from .counts import Counts
from .patience import Patience
from .shield import Complaints
from .transport import FAILURES, Answer, Package, Transport

SMALLEST_PACKED_BYTES = 1024
LARGEST_RATIO = 50  # The exporter refuses bodies that inflate a hundredfold.
PACKING_LEVEL = 5  # Beyond it a bot pays twice the time for 2% of the bytes.
# A batch may hold an event that the exporter stumbles over: after so many 500 it is divided.
MOST_SERVER_ERRORS = 10
LONGEST_PATH = 100
SERVER_ERRORS = 500
UNSENT = "unsent_at_close"

_WITH_VERDICTS = (HTTPStatus.ACCEPTED, HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
_WORTH_ANOTHER_ATTEMPT = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_REMEDIES: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "give the client a valid token",
    HTTPStatus.FORBIDDEN: "the token may not send events of this bot",
    HTTPStatus.NOT_FOUND: "the URL leads to something else",
}


class Rest(Protocol):
    """Waits; False when there is no time for another attempt."""

    def __call__(self, seconds: float, *, may_be_cut: bool) -> bool:
        """Wait, if need be not that long when the pause *may be cut*."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Brings batches to the exporter and counts what became of them."""

    transport: Transport
    counts: Counts
    complaints: Complaints
    patience: Patience
    rest: Rest

    def deliver(self, batch: list[bytes]) -> bool:
        """
        Return when every event of the batch is counted as answered or dropped.

        False means that there was no time for another attempt, nor is there for other batches.
        """
        waiting = [batch]
        has_time = True
        while waiting:
            part = waiting.pop()
            if not has_time:
                self.counts.drop(UNSENT, len(part))
                continue
            outcome = _Outcome(len(part))
            with self.complaints.shield("the client has a defect"):
                outcome = self._outcome(part)
            if outcome.is_to_be_divided and len(part) > 1:
                middle = len(part) // 2
                waiting += (part[middle:], part[:middle])
                continue
            self.counts.answered(outcome.accepted, outcome.duplicates, outcome.rejected)
            if outcome.dropped:
                self.counts.drop(outcome.reason, outcome.dropped)
            has_time = outcome.reason != UNSENT
        return has_time

    def close(self) -> None:
        """Close the connection."""
        self.transport.close()

    def _outcome(self, part: list[bytes]) -> "_Outcome":
        answer = self._answered(_packed(part))
        if answer is None:
            return _Outcome(len(part), reason=UNSENT)
        if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            self._complain_of_size(part)
            return _Outcome(len(part), reason="too_large", is_to_be_divided=True)
        if answer.status >= SERVER_ERRORS:
            return _Outcome(len(part), reason=f"http_{answer.status}", is_to_be_divided=True)
        outcome = _verdicts(answer, len(part), self._complain_of_event)
        if outcome is not None:
            return outcome
        remedy = _REMEDIES.get(answer.status, "this is not the answer of a bot_exporter")
        self.complaints.say(
            f"http_{answer.status}", f"events dropped: status {answer.status}: {remedy}"
        )
        return _Outcome(len(part), reason=f"http_{answer.status}")

    def _answered(self, package: Package) -> Answer | None:
        """Try until there is an answer that another attempt would not change."""
        server_errors = 0
        for attempt in itertools.count():
            asked = None
            try:
                answer = self.transport.post(package)
                if answer.status == HTTPStatus.UNAUTHORIZED and self.transport.token.is_renewed():
                    answer = self.transport.post(package)
            except FAILURES as error:
                # Only the class: its text may repeat what somebody put into an address.
                why = type(error).__name__
            else:
                server_errors += answer.status == HTTPStatus.INTERNAL_SERVER_ERROR
                if _is_final(answer) or server_errors == MOST_SERVER_ERRORS:
                    return answer
                why = f"status {answer.status}"
                asked = self.patience.asked(answer.retry_after)
            self.counts.retry()
            self.complaints.say(f"retry {why}", f"{self.transport.endpoint}: {why}; events wait")
            if not self.rest(self.patience.pause(attempt, asked), may_be_cut=asked is None):
                return None
        raise AssertionError("an endless loop has ended")

    def _complain_of_event(self, reason: str, path: str) -> None:
        self.complaints.say(
            f"rejected {reason}", f"the exporter rejected an event: {reason} {path}".rstrip()
        )

    def _complain_of_size(self, part: list[bytes]) -> None:
        if len(part) == 1:
            self.complaints.say("too_large", f"event dropped: {len(part[0])} bytes are too large")


@dataclass(slots=True, init=False)
class _Outcome:
    """What became of the events of one request; those without a verdict are dropped."""

    accepted: int
    duplicates: int
    rejected: Counter[str]
    dropped: int
    reason: str
    is_to_be_divided: bool

    def __init__(
        self, dropped: int, *, reason: str = "client_defect", is_to_be_divided: bool = False
    ) -> None:
        self.accepted = self.duplicates = 0
        self.rejected = Counter()
        self.dropped = dropped
        self.reason = reason
        self.is_to_be_divided = is_to_be_divided


def _packed(part: list[bytes]) -> Package:
    plain = b"\n".join(part)
    if len(plain) <= SMALLEST_PACKED_BYTES:
        return Package(plain, is_packed=False)
    packed = gzip.compress(plain, compresslevel=PACKING_LEVEL, mtime=0)
    if len(plain) > LARGEST_RATIO * len(packed):
        return Package(plain, is_packed=False)
    return Package(packed, is_packed=True)


def _is_final(answer: Answer) -> bool:
    if answer.status == HTTPStatus.ACCEPTED:
        return True
    return answer.status < SERVER_ERRORS and answer.status not in _WORTH_ANOTHER_ATTEMPT


def _verdicts(
    answer: Answer, events: int, on_rejected: Callable[[str, str], None]
) -> _Outcome | None:
    """Return the verdicts in the answer; None when it does not have one on each event."""
    if answer.status not in _WITH_VERDICTS:
        return None
    try:
        body = json.loads(answer.body)
        outcome = _Outcome(0)
        outcome.accepted, outcome.duplicates = int(body["accepted"]), int(body["duplicates"])
        rejected = [(str(one["reason"]), str(one.get("path", ""))) for one in body["rejected"]]
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return None
    if min(outcome.accepted, outcome.duplicates) < 0 or events != (
        outcome.accepted + outcome.duplicates + len(rejected)
    ):
        return None
    outcome.rejected.update(reason for reason, _ in rejected)
    for reason, path in rejected:
        on_rejected(reason, path[:LONGEST_PATH])
    return outcome
