"""From a decoded event to the event that is stored: checked against time, bot and privacy."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import UNSET

from ..catalog.build import EventStructs, attribute
from ..catalog.envelope import ID_BYTES
from ..catalog.spec import Catalog, Privacy
from ..model.access import Grant, Scope
from ..model.verdicts import Reason, Rejected
from .privacy import DIGEST_BYTES, Pseudonyms
from .redact import redact, redact_properties

_BOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_MOST_NAMES = 10_000


@dataclass(slots=True)
class AdmissionRules:
    """What an operator may change while the exporter runs."""

    keep_text: bool = False
    clock_skew_seconds: float = 3600.0
    max_age_seconds: float = 7 * 86_400.0


@dataclass(slots=True)
class Masked:
    """How many fields were dropped or masked in a run of events."""

    texts: int = 0
    contacts: int = 0
    redactions: int = 0


class Admission:
    """Checks and cleans events one after the other; everything here runs for each event."""

    def __init__(
        self,
        catalog: Catalog,
        structs: EventStructs,
        pseudonyms: Pseudonyms,
        rules: AdmissionRules,
    ) -> None:
        self.rules = rules
        self._pseudonyms = pseudonyms
        self._texts: dict[type, tuple[str, ...]] = {}
        self._contacts: dict[type, tuple[str, ...]] = {}
        self._types: dict[type, str] = {}
        for event in catalog.events:
            struct = structs.by_name[event.name]
            by_privacy = {
                privacy: tuple(attribute(event, f) for f in event.fields if f.privacy is privacy)
                for privacy in (Privacy.CONTENT, Privacy.CONTACT)
            }
            self._texts[struct] = by_privacy[Privacy.CONTENT]
            self._contacts[struct] = by_privacy[Privacy.CONTACT]
            self._types[struct] = event.name
        self._names: set[str] = set()

    def admit(
        self, e: Any, grant: Grant, arrival: float, masked: Masked
    ) -> bytes | tuple[Reason, str, str]:
        """
        Return the deduplication key of *e*, made ready to be stored; or why it is rejected.

        Args:
            e: A decoded event; it is changed in place.
            grant: Whose token sent it.
            arrival: Wall time of the request.
            masked: Counts what was dropped or masked.
        """
        bot = e.bot
        if bot not in self._names:
            refusal = self._check_name(bot)
            if refusal:
                return refusal
        if grant.bots and bot not in grant.bots:
            return (Reason.BOT_NOT_ALLOWED, "$.bot", "the token may not send events of this bot")
        if e.received_at is not UNSET:
            return (Reason.UNKNOWN_FIELD, "$.received_at", "the exporter sets it; leave it out")
        e.received_at = arrival
        refusal = self._set_time(e, grant, arrival)
        if refusal:
            return refusal
        key = self._identify(e, bot)
        if key.__class__ is tuple:
            return key
        self._hide(e, bot, masked)
        return key

    def _check_name(self, bot: str) -> tuple[Reason, str, str] | None:
        if not _BOT.fullmatch(bot):
            return (
                Reason.BAD_NAME,
                "$.bot",
                "a bot's name is a letter or digit and up to 63 of A-Z a-z 0-9 _ . : -",
            )
        if len(self._names) >= _MOST_NAMES:
            self._names.clear()
        self._names.add(bot)
        return None

    def _set_time(self, e: Any, grant: Grant, arrival: float) -> tuple[Reason, str, str] | None:
        ts = e.ts
        if ts is None:
            e.ts = arrival
            return None
        if ts.__class__ is datetime:
            ts = e.ts = ts.timestamp()
        if ts > arrival + self.rules.clock_skew_seconds:
            return (
                Reason.FROM_THE_FUTURE,
                "$.ts",
                f"{ts - arrival:.0f} s ahead of this clock; send seconds, not milliseconds, in UTC",
            )
        if ts < arrival - self.rules.max_age_seconds:
            if grant.allows(Scope.BACKFILL):
                return (
                    Reason.NO_EVENT_STORE,
                    "$.ts",
                    "older events need the event store, which is not installed here",
                )
            return (
                Reason.TOO_OLD,
                "$.ts",
                f"{arrival - ts:.0f} s old; older than {self.rules.max_age_seconds:.0f} s needs "
                "a token with the scope backfill",
            )
        return None

    def _identify(self, e: Any, bot: str) -> Any:
        if e.id is None:
            key = os.urandom(DIGEST_BYTES)
        else:
            value = e.id.encode()
            if len(value) > ID_BYTES:
                return (Reason.TOO_LONG, "$.id", f"an id has at most {ID_BYTES} bytes; hash it")
            state = self._pseudonyms.prefix(self._types[e.__class__], bot)
            state.update(value)
            key = state.digest()
        e.id = key.hex()
        return key

    def _hide(self, e: Any, bot: str, masked: Masked) -> None:
        name = self._pseudonyms.name
        if e.user is not None:
            e.user = name("user", bot, e.user)
        if e.session is not None:
            e.session = name("session", bot, e.session)
        if e.conversation is not None:
            e.conversation = name("conversation", bot, e.conversation)
        for attr in self._texts[e.__class__]:
            if getattr(e, attr) is not None:
                self._hide_text(e, attr, masked)
        for attr in self._contacts[e.__class__]:
            if getattr(e, attr) is not None:
                setattr(e, attr, None)
                masked.contacts += 1
        if e.properties:
            clean = redact_properties(e.properties)
            if clean is not None:
                e.properties = clean
                masked.redactions += 1

    def _hide_text(self, e: Any, attr: str, masked: Masked) -> None:
        if not self.rules.keep_text:
            setattr(e, attr, None)
            masked.texts += 1
            return
        text = getattr(e, attr)
        clean = redact(text)
        if clean != text:
            setattr(e, attr, clean)
            masked.redactions += 1


def reject(indexes: Sequence[int], place: int, refusal: tuple[Reason, str, str]) -> Rejected:
    """Return the verdict on the event at *place* among those with *indexes*."""
    reason, path, message = refusal
    return Rejected(indexes[place], reason, path, message)
