"""A scripted conversation: turns over HTTP, with values carried from one to the next."""

import asyncio
import secrets
from collections.abc import Mapping

from ..config.probe_conversations import PLACE, RUN
from ..config.probes import HttpSettings, JsonCondition, Step
from ..model.json_path import look_up, parse_json_path
from ..model.probing import ProbeReason
from .conditions import check_answer, read_json
from .http import follow, parse_url
from .http_hop import Answer, Exchange, Request, endpoint_of
from .notes import Notes
from .outcome import FailedError
from .policy import Endpoint
from .template import Values, content_type_of, fill, fill_body, fill_header, fill_url

RUN_BYTES = 8
LONGEST_VALUE = 4096


def trusted_endpoints(steps: tuple[Step, ...]) -> frozenset[Endpoint]:
    """Return hosts and ports that stand in *steps*; one made of a carried value is not among."""
    found = set()
    for step in steps:
        host, rest = _split(step.url)
        if not PLACE.search(host):
            found.add(endpoint_of(parse_url(PLACE.sub("x", host + rest))))
    return frozenset(found)


class ConversationProbe:
    """Sends the *steps* one after the other; *files* holds the texts of the files they name."""

    def __init__(
        self, steps: tuple[Step, ...], *, files: Mapping[str, str], exchange: Exchange
    ) -> None:
        self._steps = steps
        self._files = files
        self._exchange = exchange

    async def run(self, notes: Notes) -> None:
        """Hold the conversation."""
        values = {RUN: secrets.token_hex(RUN_BYTES)}
        for number, step in enumerate(self._steps, start=1):
            notes.say(f"step {number}")
            deadline = asyncio.timeout(step.within_seconds)
            try:
                async with deadline:
                    answer = await self._turn(step, values, notes)
            except TimeoutError:
                if not deadline.expired():
                    raise
                message = f"step {number}: no good answer within {step.within_seconds:g} s"
                raise FailedError(ProbeReason.RESPONSE_TIMEOUT, message) from None
            except FailedError as error:
                raise FailedError(error.reason, f"step {number}: {error.detail}") from None
            if step.save:
                values |= _saved(step, answer)

    async def _turn(self, step: Step, values: Values, notes: Notes) -> Answer:
        """Return the good answer to one step; ask again where the settings say so."""
        settings = _filled(step, values)
        request = self._request(step, values)
        while True:
            notes.facts.redirects = 0
            try:
                answer = await follow(request, settings, exchange=self._exchange, notes=notes)
                check_answer(settings, answer, notes.facts)
            except FailedError as error:
                if step.poll_seconds is None or error.reason is ProbeReason.ADDRESS_REFUSED:
                    raise
                notes.say(f"not yet: {error.detail}")
                await asyncio.sleep(step.poll_seconds)
            else:
                return answer

    def _request(self, step: Step, values: Values) -> Request:
        headers = {name: fill_header(text, values) for name, text in step.headers.items()}
        headers |= {name: self._files[file] for name, file in step.header_files.items()}
        text = self._files[step.body_file] if step.body_file else step.body
        return Request(
            url=parse_url(fill_url(step.url, values)),
            method=step.method,
            headers=headers,
            body=fill_body(text, values, content_type_of(headers)).encode(),
            tls=step.tls,
            server_name=step.tls.server_name,
            max_body_bytes=step.max_body_bytes,
        )


def _split(url: str) -> tuple[str, str]:
    """Return scheme, host and port as one text, and the rest of *url*."""
    scheme, mark, rest = url.partition("://")
    ends = [at for letter in "/?#" if (at := rest.find(letter)) >= 0]
    end = min(ends, default=len(rest))
    return scheme + mark + rest[:end], rest[end:]


def _filled(step: Step, values: Values) -> HttpSettings:
    """Return what makes an answer to *step* good, with the *values* in it."""
    return HttpSettings(
        status=step.status,
        contains=tuple(fill(text, values) for text in step.contains),
        matches=step.matches,
        matches_not=step.matches_not,
        json=tuple(_condition(condition, values) for condition in step.json),
        redirects=step.redirects,
    )


def _condition(condition: JsonCondition, values: Values) -> JsonCondition:
    if not isinstance(condition.value, str):
        return condition
    value = fill(condition.value, values)
    return JsonCondition(path=condition.path, op=condition.op, value=value)


def _saved(step: Step, answer: Answer) -> dict[str, str]:
    document = read_json(answer.body.decode("utf-8", "replace"))
    saved = {}
    for name, path in step.save.items():
        value = look_up(document, parse_json_path(path))
        if not isinstance(value, str | int | float) or len(str(value)) > LONGEST_VALUE:
            message = f"{path} in the body is no value that can be saved"
            raise FailedError(ProbeReason.BODY_MISMATCH, message)
        saved[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return saved
