"""Bytes of a request -> typed events, with a verdict on each one that is refused."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import msgspec

from ..catalog.build import EventStructs
from ..model.verdicts import Reason, Refusal, RefusedError, Rejected
from .explain import MOST_DETAILED, Explainer, explain

# Beyond this, finding the broken event in a broken array would hold up the loop for too long.
LONGEST_RESCUE = 1 << 20
_SPACE = b" \t\r\n"
_JSON_SPACE = re.compile(r"[ \t\r\n]*")
# What a strict decoder says of bytes that are no JSON; msgspec leaves bad UTF-8 to Python's error.
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError)
_ONLY = range(1)


@dataclass(slots=True)
class Decoded:
    """Events in the order of the request, the index of each, and the verdicts on the rest."""

    events: list[Any]
    indexes: list[int] | range
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Return how many events the request held."""
        return len(self.events) + len(self.rejected)


class EventDecoder:
    """
    Decodes an object, an array or NDJSON.

    The whole body is decoded at once; only when that fails are the events looked at one by one.
    Duplicate keys of an object: the last one counts.
    """

    def __init__(self, structs: EventStructs, explainer: Explainer, *, max_events: int) -> None:
        one = msgspec.json.Decoder(structs.union)
        self._one: Callable[[bytes], Any] = one.decode
        self._lines: Callable[[bytes], list[Any]] = one.decode_lines
        union = structs.union
        self._many: Callable[[bytes], list[Any]] = msgspec.json.Decoder(list[union]).decode  # type: ignore[valid-type]  # made at start
        self._split: Callable[[bytes], list[msgspec.Raw]] = msgspec.json.Decoder(
            list[msgspec.Raw]
        ).decode
        self._explainer = explainer
        self.max_events = max_events

    def decode(self, body: bytes, *, ndjson: bool) -> Decoded:
        """
        Return the events of *body*.

        Raises:
            RefusedError: the body as a whole is not JSON, or holds too many events.
        """
        if ndjson:
            return self._decode_lines(body)
        start = body.lstrip(_SPACE)[:1]
        if not start:
            raise RefusedError(Refusal.MALFORMED, "the body is empty; send a JSON object or array")
        if start != b"[":
            return self._single(body)
        try:
            events = self._many(body)
        except _BROKEN:
            return self._decode_array(body)
        except RecursionError:
            raise _too_deep() from None
        self._check_count(len(events))
        return Decoded(events, range(len(events)))

    def _decode_lines(self, body: bytes) -> Decoded:
        try:
            events = self._lines(body)
        except (*_BROKEN, RecursionError):
            return self._each([line for line in body.split(b"\n") if line.strip(_SPACE)])
        self._check_count(len(events))
        return Decoded(events, range(len(events)))

    def _decode_array(self, body: bytes) -> Decoded:
        """Look at the elements one by one."""
        try:
            return self._each([bytes(raw) for raw in self._split(body)])
        except _BROKEN as error:
            # Not JSON as a whole: look for the elements that are.
            return self._rescue(body, error)
        except RecursionError:
            raise _too_deep() from None

    def _rescue(self, body: bytes, error: Exception) -> Decoded:
        refusal = RefusedError(Refusal.MALFORMED, explain(0, error).message)
        if len(body) > LONGEST_RESCUE:
            raise refusal from None
        try:
            raws = list(islice(_elements(body), self.max_events + 1))
        except (ValueError, RecursionError):
            raise refusal from None
        return self._each(raws)

    def _single(self, body: bytes) -> Decoded:
        try:
            return Decoded([self._one(body)], _ONLY)
        except (*_BROKEN, RecursionError):
            return self._each([body])

    def _each(self, raws: list[bytes]) -> Decoded:
        self._check_count(len(raws))
        decoded = Decoded([], [])
        indexes: list[int] = []
        for index, raw in enumerate(raws):
            try:
                decoded.events.append(self._one(raw))
                indexes.append(index)
            except _BROKEN as error:
                detailed = len(decoded.rejected) < MOST_DETAILED
                decoded.rejected.append(
                    self._explainer.reject(index, raw, error, detailed=detailed)
                )
            except RecursionError:
                decoded.rejected.append(
                    Rejected(index, Reason.MALFORMED, "$", "nested too deeply; events are flat")
                )
        decoded.indexes = indexes
        return decoded

    def _check_count(self, count: int) -> None:
        if count > self.max_events:
            raise RefusedError(
                Refusal.TOO_MANY_EVENTS,
                f"a request holds at most {self.max_events} events; split the batch",
            )


def _elements(body: bytes) -> Iterator[bytes]:
    """
    Yield the elements of an array that strict JSON refuses.

    Python's parser accepts NaN, lone surrogates, control characters and, once it is escaped, broken
    UTF-8. So it finds where such an element ends; the strict decoder then judges each by itself.
    """
    text = body.decode("utf-8", "surrogateescape")
    # The numbers are not wanted, and Python refuses those of more than 4,300 digits.
    scan = json.JSONDecoder(parse_int=str, parse_float=str, strict=False).raw_decode
    at = _skip(text, _skip(text, 0) + 1)
    while True:
        _, end = scan(text, at)
        yield text[at:end].encode("utf-8", "surrogateescape")
        at = _skip(text, end)
        if text[at : at + 1] == "]" and _skip(text, at + 1) == len(text):
            return
        if text[at : at + 1] != ",":
            raise ValueError("no comma between two events")
        at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    space = _JSON_SPACE.match(text, at)
    return space.end() if space else at


def _too_deep() -> RefusedError:
    return RefusedError(Refusal.MALFORMED, "nested too deeply; events are flat")
