"""From a decoded event to the event that is stored: checked against time, bot and privacy."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
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
    own: dict[str, Digests]
    ids: dict[type, blake2b]


class _How(Enum):
    """What is done to a field that is not stored as it comes."""

    DIGEST = "digest"
    TEXT = "text"
    SEAL = "seal"
    SECONDS = "seconds"


_HOW = {
    Privacy.PSEUDONYM: _How.DIGEST,
    Privacy.CONTENT: _How.TEXT,
    Privacy.CONTACT: _How.SEAL,
}


@dataclass(frozen=True, slots=True)
class _Special:
    attribute: str
    field: str
    how: _How


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
        self._special: dict[type, tuple[_Special, ...]] = {}
        for event in catalog.events:
            special = tuple(_special_fields(event))
            if special:
                self._special[structs.by_name[event.name]] = special
        self._own_kinds = {
            s.field for fields in self._special.values() for s in fields if s.how is _How.DIGEST
        }
        self._bots: dict[str, _Names] = {}

    def admit(  # noqa: C901, PLR0912 - the loop runs for every event; calls would cost a third more
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
        bot, names = "", None
        # Events of one conversation come in runs: the last names are the likeliest next ones.
        user = session = talk = user_name = session_name = talk_name = None
        for e in events:
            if e.bot != bot or names is None:
                bot = e.bot
                names = self._names(bot, grant)
                user = session = talk = None
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
                    if e.user != user:
                        user, user_name = e.user, names.users[e.user]
                    e.user = user_name
                if e.session is not None:
                    if e.session != session:
                        session, session_name = e.session, names.sessions[e.session]
                    e.session = session_name
                if e.conversation is not None:
                    if e.conversation != talk:
                        talk, talk_name = e.conversation, names.conversations[e.conversation]
                    e.conversation = talk_name
                if e.__class__ in self._special:
                    self._treat(e, names, masked)
                if e.properties:
                    _mask_properties(e, masked)
            results.append(key)
        return results

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
            self._pseudonyms.kept.forget()
        known = self._pseudonyms
        names = self._bots[bot] = _Names(
            users=known.digests("user", bot),
            sessions=known.digests("session", bot),
            conversations=known.digests("conversation", bot),
            # The dot keeps fields of users apart from the kinds above.
            own={field: known.digests(f".{field}", bot) for field in self._own_kinds},
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

    def _treat(self, e: Incoming, names: _Names, masked: Masked) -> None:
        """Bring the fields of this type that may not stay as they are into their stored form."""
        for special in self._special[e.__class__]:
            value = getattr(e, special.attribute)
            if value is None:
                continue
            match special.how:
                case _How.DIGEST:
                    value = names.own[special.field][value]
                case _How.TEXT:
                    value = self._text(value, masked)
                case _How.SEAL:
                    value = self._sealed(value, e.bot, special.field, masked)
                case _How.SECONDS:
                    value = value.timestamp() if isinstance(value, datetime) else value
            setattr(e, special.attribute, value)

    def _text(self, text: str, masked: Masked) -> str | None:
        if not self.rules.keep_text:
            masked.texts += 1
            return None
        clean = redact(text)
        masked.redactions += clean != text
        return clean

    def _sealed(self, value: str, bot: str, field: str, masked: Masked) -> str | None:
        if self._seal is None:
            masked.contacts += 1
            return None
        return self._seal.close(value, bot=bot, field=field)


def _special_fields(event: EventType) -> Iterator[_Special]:
    """Yield the fields of a type, beyond the envelope, that are not stored as they come."""
    for field in event.fields:
        how = _HOW.get(field.privacy)
        if field.type is FieldType.TIMESTAMP:
            how = _How.SECONDS
        if how is not None:
            yield _Special(attribute(event, field), field.name, how)


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
