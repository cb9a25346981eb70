"""One request and its answer: no redirect, no proxy, no cookie, no more bytes than asked for."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from .. import __version__
from ..config.probes import TlsSettings
from ..model.probing import ProbePhase, ProbeReason
from .dialing import AddressInfo, Guard, Network
from .encryption import current_notes, note_session, tls_context
from .notes import Notes
from .outcome import FailedError
from .policy import Endpoint

AGENT = f"bot-exporter/{__version__} probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent, and how much of the answer is read."""

    url: URL
    method: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    tls: TlsSettings
    server_name: str = ""  # Name of the certificate; empty: the host.
    max_body_bytes: int

    @property
    def endpoint(self) -> Endpoint:
        """Return host and port."""
        return endpoint_of(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def endpoint_of(url: URL) -> Endpoint:
    """Return host and port of *url*."""
    return (url.raw_host or "").lower(), url.port or 0


def origin_of(url: URL) -> str:
    """Return the part of *url* that may be shown: path and query may hold secrets."""
    return f"{url.scheme}://{url.raw_host}:{url.port}"


class Exchange:
    """Sends requests over a network."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def send(self, request: Request, notes: Notes) -> Answer:
        """
        Return the answer to *request*.

        Raises:
            FailedError: the policy refuses, or the body is too large.
            aiohttp.ClientError: something else went wrong, or the OSError behind it.
        """
        notes.say(f"{request.method} {origin_of(request.url)}")
        notes.session = None
        # Loading authorities takes a while the first time; no phase is to blame.
        context = tls_context(request.tls) if request.url.scheme == "https" else True
        infos = await self._network.addresses(request.endpoint, notes)
        guard = Guard(self._network.policy, request.endpoint, notes)
        current_notes.set(notes)
        connector = aiohttp.TCPConnector(
            resolver=_Found(infos),
            socket_factory=guard.socket,
            use_dns_cache=False,
            force_close=True,
            ssl=context,
        )
        async with aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None, ceil_threshold=1e9),
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Content-Type",),
            trace_configs=[_trace(notes)],
        ) as session:
            try:
                return await self._exchange(session, request, notes)
            except (aiohttp.ClientError, OSError):
                if guard.refusal is not None:
                    raise guard.refusal from None
                raise

    async def _exchange(
        self, session: aiohttp.ClientSession, request: Request, notes: Notes
    ) -> Answer:
        headers = {"User-Agent": AGENT, "Accept-Encoding": "identity", **request.headers}
        async with session.request(
            request.method,
            request.url,
            data=request.body or None,
            headers=headers,
            allow_redirects=False,
            server_hostname=request.server_name or None,
        ) as response:
            notes.enter(ProbePhase.TRANSFER)
            self._note(response, request, notes)
            body = await _read(response, request.max_body_bytes)
            notes.facts.body_bytes = len(body)
            notes.say(f"read {len(body)} bytes of body")
            notes.enter(None)
            return Answer(status=response.status, headers=response.headers, body=body)

    def _note(self, response: aiohttp.ClientResponse, request: Request, notes: Notes) -> None:
        facts = notes.facts
        facts.http_status = response.status
        facts.content_length = -1 if (size := response.content_length) is None else size
        if response.version is not None:
            facts.http_version = response.version.major + response.version.minor / 10
        note_session(notes, request.tls, self._network.clock.wall())
        notes.say(f"status {response.status}, content length {facts.content_length}")


class _Found(AbstractResolver):
    """Returns the addresses that were found, and judged, before."""

    def __init__(self, infos: list[AddressInfo]) -> None:
        self._infos = infos

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - every one that was found
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=int(kind),
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for kind, _, protocol, _, address in self._infos
        ]

    async def close(self) -> None:
        """Nothing is open."""


def _trace(notes: Notes) -> aiohttp.TraceConfig:
    async def connected(*_: object) -> None:
        notes.enter(ProbePhase.PROCESSING)

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(connected)
    return trace


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    too_large = FailedError(ProbeReason.BODY_TOO_LARGE, f"the body has more than {most} bytes")
    if response.method != "HEAD" and (response.content_length or 0) > most:
        raise too_large
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > most:
            raise too_large
        parts.append(part)
    return b"".join(parts)
