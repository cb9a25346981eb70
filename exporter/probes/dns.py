"""DNS: a question to one name server. The library comes with the extra `probes`."""

import asyncio
import socket

from ..config.probes import DnsSettings
from ..model.probing import ProbePhase, ProbeReason
from .dialing import Guard, Network
from .notes import Notes
from .outcome import FailedError
from .policy import Endpoint
from .tcp import hang_up

try:
    import dns.exception
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdatatype
except ImportError:  # The configuration is refused then.
    HAS_DNS = False
else:
    HAS_DNS = True

AGAIN_SECONDS = 2.0  # UDP loses packets; the system's resolver waits about as long.
LARGEST = 65_535


class DnsProbe:
    """Asks the name server at *endpoint*."""

    def __init__(self, endpoint: Endpoint, settings: DnsSettings, network: Network) -> None:
        if not HAS_DNS:
            message = "DNS needs a library; install bot-exporter[probes]"
            raise FailedError(ProbeReason.INTERNAL, message)
        self._endpoint = endpoint
        self._settings = settings
        self._network = network

    async def run(self, notes: Notes) -> None:
        """Ask and check the records."""
        query = self._query()
        ask = self._over_tcp if self._settings.transport == "tcp" else self._over_udp
        try:
            answer = dns.message.from_wire(await ask(query.to_wire(), notes))
            is_answer = query.is_response(answer)
        except dns.exception.DNSException:
            raise FailedError(ProbeReason.PROTOCOL, "the answer is no DNS") from None
        notes.enter(None)
        if not is_answer:
            raise FailedError(ProbeReason.PROTOCOL, "the answer is to another question")
        self._check(answer, notes)

    def _query(self) -> "dns.message.QueryMessage":
        try:
            return dns.message.make_query(self._settings.name, self._settings.type)
        except dns.exception.DNSException:
            raise FailedError(ProbeReason.INTERNAL, "dns.name is no name") from None

    def _check(self, answer: "dns.message.Message", notes: Notes) -> None:
        code = answer.rcode()
        notes.say(f"answered {dns.rcode.to_text(code)}")
        if code == dns.rcode.NXDOMAIN:
            raise FailedError(ProbeReason.NAME_NOT_FOUND, "there is no such name")
        if code != dns.rcode.NOERROR:
            raise FailedError(ProbeReason.ANSWER_MISMATCH, f"it says {dns.rcode.to_text(code)}")
        wanted_type = dns.rdatatype.from_text(self._settings.type)
        found = {
            record.to_text().rstrip(".").lower()
            for group in answer.answer
            if group.rdtype == wanted_type
            for record in group
        }
        notes.facts.answers = len(found)
        wanted = {text.rstrip(".").lower() for text in self._settings.expect}
        if not found or not wanted <= found:
            raise FailedError(ProbeReason.ANSWER_MISMATCH, "an expected record is missing")

    async def _over_udp(self, question: bytes, notes: Notes) -> bytes:
        infos = await self._network.addresses(self._endpoint, notes)
        family, _, _, _, address = infos[0]
        guard = Guard(self._network.policy, self._endpoint, notes)
        loop = asyncio.get_running_loop()
        kind, protocol = socket.SOCK_DGRAM, socket.IPPROTO_UDP
        with guard.socket((family, kind, protocol, "", address)) as connected:
            await loop.sock_connect(connected, address)
            notes.enter(ProbePhase.PROCESSING)
            while True:
                await loop.sock_sendall(connected, question)
                try:
                    async with asyncio.timeout(AGAIN_SECONDS):
                        return await loop.sock_recv(connected, LARGEST)
                except TimeoutError:
                    notes.say("no answer; asked again")

    async def _over_tcp(self, question: bytes, notes: Notes) -> bytes:
        reader, writer = await self._network.open(self._endpoint, notes, None)
        try:
            writer.write(len(question).to_bytes(2, "big") + question)
            size = int.from_bytes(await reader.readexactly(2), "big")
            return await reader.readexactly(size)
        finally:
            hang_up(writer)
