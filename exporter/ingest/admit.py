"""From a decoded event to the event that is stored: checked against time, bot and privacy."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from msgspec import UNSET

from ..catalog.build import EventStructs, attribute
from ..catalog.envelope import ID_BYTES
from ..catalog.spec import Catalog, EventType, FieldType, Privacy
from ..model.access import Grant, Scope
from ..model.event import Incoming
from ..model.verdicts import Reason
from .privacy import DIGEST_BYTES, Digests, Pseudonyms
from .redact import redact, redact_properties
from .sealing import Seal

_BOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_MOST_BOTS = 200  # Bots whose digests are kept ready; beyond it they are made again.

Refusal = tuple[Reason, str, str]  # Reason, path, message: a plain tuple, made millions of times.


@dataclass(slots=True)
class AdmissionRules:
    """What an operator may change while the exporter runs."""

    keep_text: bool = False
    clock_skew_seconds: float = 3600.0
    max_age_seconds: float = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Identities:
    """What stands between people and the log: pseudonyms, and the seal of contact data if any."""

    pseudonyms: Pseudonyms
    seal: Seal | None = None


@dataclass(slots=True)
class Masked:
    """How many fields were dropped or masked in a run of events."""

    texts: int = 0
    contacts: int = 0
    redactions: int = 0


@dataclass(slots=True)
class _Names:
    """The digests of one bot: of its people, and the states that its event ids start from."""

    users: Digests
    sessions: Digests
    conversations: Digests
    ids: dict[type, blake2b]


class Admission:
    """Checks and cleans events; what stands in the loop of `admit` runs for each of them."""

    def __init__(
        self,
        catalog: Catalog,
        structs: EventStructs,
        identities: Identities,
        rules: AdmissionRules,
    ) -> None:
        self.rules = rules
        self._pseudonyms = identities.pseudonyms
        self._seal = identities.seal
        self._types = {struct: name for name, struct in structs.by_name.items()}
        self._texts: dict[type, tuple[str, ...]] = {}
        self._contacts: dict[type, tuple[str, ...]] = {}
        self._moments: dict[type, tuple[str, ...]] = {}
        for event in catalog.events:
            self._note_fields(event, structs.by_name[event.name])
        self._bots: dict[str, _Names] = {}

    def admit(  # noqa: C901 - the loop runs for every event; calls would cost a third more
        self, events: Sequence[Incoming], grant: Grant, arrival: float, masked: Masked
    ) -> list[bytes | Refusal]:
        """
        Return for each event its deduplication key, the event made ready to be stored; or why not.

        Args:
            events: Decoded events; those that are admitted are changed in place.
            grant: Whose token sent them.
            arrival: Wall time of the request.
            masked: Counts what was dropped or masked.
        """
        results: list[bytes | Refusal] = []
        latest = arrival + self.rules.clock_skew_seconds
        earliest = arrival - self.rules.max_age_seconds
        texts, contacts, moments = self._texts, self._contacts, self._moments
        bot, names = "", None
        for e in events:
            if e.bot != bot or names is None:
                bot = e.bot
                names = self._names(bot, grant)
            ts, refusal = e.ts, None
            if not isinstance(ts, float) or not earliest <= ts <= latest:
                refusal = self._set_time(e, grant, arrival)
            if refusal is not None or isinstance(names, tuple) or e.received_at is not UNSET:
                results.append(self._refusal(names, refusal))
                continue
            key = _identify(e, names.ids[e.__class__])
            if isinstance(key, bytes):
                e.received_at = arrival
                if e.user is not None:
                    e.user = names.users[e.user]
                if e.session is not None:
                    e.session = names.sessions[e.session]
                if e.conversation is not None:
                    e.conversation = names.conversations[e.conversation]
                if e.__class__ in texts:
                    self._hide_texts(e, masked)
                if e.__class__ in contacts:
                    self._hide_contacts(e, masked)
                if e.__class__ in moments:
                    self._set_moments(e)
                if e.properties:
                    _mask_properties(e, masked)
            results.append(key)
        return results

    def _note_fields(self, event: EventType, struct: type) -> None:
        """Note the fields of an event type that are treated in their own way."""
        for privacy, found in (
            (Privacy.CONTENT, self._texts),
            (Privacy.CONTACT, self._contacts),
        ):
            names = tuple(attribute(event, f) for f in event.fields if f.privacy is privacy)
            if names:
                found[struct] = names
        moments = [f for f in event.fields if f.type is FieldType.TIMESTAMP]
        if moments:
            self._moments[struct] = tuple(attribute(event, f) for f in moments)

    def _refusal(self, names: "_Names | Refusal", refusal: Refusal | None) -> Refusal:
        if isinstance(names, tuple):
            return names
        unknown = (Reason.UNKNOWN_FIELD, "$.received_at", "the exporter sets it; leave it out")
        return refusal or unknown

    def _names(self, bot: str, grant: Grant) -> "_Names | Refusal":
        if not grant.covers(bot):
            message = "the token may not send events of this bot"
            return (Reason.BOT_NOT_ALLOWED, "$.bot", message)
        names = self._bots.get(bot)
        if names is not None:
            return names
        if not _BOT.fullmatch(bot):
            message = "a bot's name is a letter or digit and up to 63 of A-Z a-z 0-9 _ . : -"
            return (Reason.BAD_NAME, "$.bot", message)
        if len(self._bots) >= _MOST_BOTS:
            self._bots.clear()
        known = self._pseudonyms
        names = self._bots[bot] = _Names(
            users=known.digests("user", bot),
            sessions=known.digests("session", bot),
            conversations=known.digests("conversation", bot),
            # An id is unique per bot and type; the slash keeps types apart from kinds.
            ids={s: known.prefix(f"/{name}", bot) for s, name in self._types.items()},
        )
        return names

    def _set_time(self, e: Incoming, grant: Grant, arrival: float) -> Refusal | None:
        ts = e.ts
        if ts is None:
            e.ts = arrival
            return None
        if isinstance(ts, datetime):
            ts = e.ts = ts.timestamp()
        if ts > arrival + self.rules.clock_skew_seconds:
            ahead = f"{ts - arrival:.0f} s ahead of this clock"
            message = f"{ahead}; send seconds, not milliseconds, in UTC"
            return (Reason.FROM_THE_FUTURE, "$.ts", message)
        if ts < arrival - self.rules.max_age_seconds:
            if grant.allows(Scope.BACKFILL):
                message = "older events need the event store, which is not installed here"
                return (Reason.NO_EVENT_STORE, "$.ts", message)
            oldest = f"{self.rules.max_age_seconds:.0f} s"
            message = f"{arrival - ts:.0f} s old; older than {oldest} needs the scope backfill"
            return (Reason.TOO_OLD, "$.ts", message)
        return None

    def _set_moments(self, e: Incoming) -> None:
        """Turn dates into seconds: gauges and the log hold nothing else."""
        for attr in self._moments[e.__class__]:
            moment = getattr(e, attr)
            if isinstance(moment, datetime):
                setattr(e, attr, moment.timestamp())

    def _hide_texts(self, e: Incoming, masked: Masked) -> None:
        for attr in self._texts[e.__class__]:
            text = getattr(e, attr)
            if text is None:
                continue
            if not self.rules.keep_text:
                setattr(e, attr, None)
                masked.texts += 1
                continue
            clean = redact(text)
            if clean != text:
                setattr(e, attr, clean)
                masked.redactions += 1

    def _hide_contacts(self, e: Incoming, masked: Masked) -> None:
        for attr in self._contacts[e.__class__]:
            value = getattr(e, attr)
            if value is None:
                continue
            if self._seal is None:
                setattr(e, attr, None)
                masked.contacts += 1
            else:
                setattr(e, attr, self._seal.close(value, bot=e.bot, field=attr))


def _identify(e: Incoming, prefix: blake2b) -> bytes | Refusal:
    if e.id is None:
        key = os.urandom(DIGEST_BYTES)
    else:
        value = e.id.encode()
        if len(value) > ID_BYTES:
            return (Reason.TOO_LONG, "$.id", f"an id has at most {ID_BYTES} bytes; hash it")
        state = prefix.copy()
        state.update(value)
        key = state.digest()
    e.id = key.hex()
    return key


def _mask_properties(e: Incoming, masked: Masked) -> None:
    clean = redact_properties(e.properties or {})
    if clean is not None:
        e.properties = clean
        masked.redactions += 1
