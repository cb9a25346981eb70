"""No receiver rejects a message, whatever stands in labels and annotations."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace

from exporter.bundle.alertmanager import alertmanager_files
from tests.support.pairs import PAIRS, Pair
from tests.support.server import ROOT
from tests.support.waiting import wait_until

from .fakes import MAIL, PAGERDUTY, SLACK, TELEGRAM, WEBHOOK, Fakes
from .running import Alertmanager
from .sites import always_awake, full_site, write_secrets

NAUGHTY: list[str] = json.loads((ROOT / "tests/fuzz/data/naughty_strings.json").read_text())
WAYS = {"oncall": PAGERDUTY, "chat": SLACK, "boss": TELEGRAM, "mail": MAIL}
SECONDS = 60.0
AT_ONCE = 60  # As many mails at once as a mail server takes.
ACK = "https://bots.example.org/ack?fp="


@dataclass(frozen=True, slots=True)
class Rig:
    """An Alertmanager and everybody it can tell."""

    alertmanager: Alertmanager
    fakes: Fakes


@pytest.fixture(params=PAIRS, ids=lambda pair: pair.name)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """Start both, with the shipped templates and a site's receivers."""
    pair: Pair = request.param
    with Fakes() as fakes:
        write_secrets(tmp_path, fakes=fakes)
        site = full_site(tmp_path, pair.name, address=fakes.address, mail=fakes.mail_address)  # type: ignore[arg-type]  # the names are the profiles
        site = replace(site, alerting=always_awake(site.alerting))
        for name, text in alertmanager_files(site).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        config = tmp_path / "alertmanager" / "alertmanager.yml"
        with Alertmanager(pair, tmp_path / "run", config) as alertmanager:
            yield Rig(alertmanager, fakes)


def alert(receiver: str, text: str) -> dict[str, object]:
    """Return an alert for one receiver with *text* wherever a text can be."""
    return {
        "labels": {"alertname": "Naughty", "receiver_test": receiver, "bot": text},
        "annotations": {
            "summary": text,
            "description": text,
            "runbook_url": "http://127.0.0.1:10351/runbooks#naughty",
            "dashboard_url": f"http://127.0.0.1:3000/d/bot-exporter-bot-detail?var-bot={text}",
        },
    }


def test_every_naughty_string_reaches_every_receiver(rig: Rig) -> None:
    """As a bot's name and as text; each string is a notification of its own."""
    texts = sorted({text for text in NAUGHTY if text})
    for start in range(0, len(texts), AT_ONCE):
        batch, known = texts[start : start + AT_ONCE], min(start + AT_ONCE, len(texts))
        for receiver in WAYS:
            rig.alertmanager.post([alert(receiver, text) for text in batch])
        wait_until(
            lambda known=known: rig.fakes.refused or told_all(rig, known),  # type: ignore[misc]  # mypy does not see the default
            seconds=SECONDS,
            what=f"{known} strings were sent to every receiver",
        )

    assert [] == rig.fakes.refused
    assert len(texts) <= len(rig.fakes.of(WEBHOOK))  # It stands beside Telegram.


def told_all(rig: Rig, count: int) -> bool:
    """Return whether every receiver has at least *count* messages."""
    return all(len(rig.fakes.of(kind)) >= count for kind in WAYS.values())


def test_a_message_has_what_the_person_on_call_needs(rig: Rig) -> None:
    """What, where, and the three links, in every way it can come."""
    given = alert("oncall", "shop-bot")
    for receiver in WAYS:
        rig.alertmanager.post([{**given, "labels": {**given["labels"], "receiver_test": receiver}}])  # type: ignore[dict-item]  # labels are a mapping
    wait_until(
        lambda: all(rig.fakes.of(kind) for kind in WAYS.values()),
        seconds=SECONDS,
        what="every receiver is told",
    )

    for kind in WAYS.values():
        text = rig.fakes.of(kind)[0].text
        assert "Naughty" in text, kind
        assert "shop-bot" in text, kind
        assert "/runbooks#naughty" in text, kind
        assert "/d/bot-exporter-bot-detail?var-bot=shop-bot" in text, kind
        assert ACK in text, kind


def test_many_alerts_in_one_message_stay_within_what_receivers_take(rig: Rig) -> None:
    """Two hundred bots fail at once; the message says how many and stays short."""
    long = "<&>\"'" * 200
    for receiver in WAYS:
        rig.alertmanager.post(
            [
                {
                    "labels": {"alertname": "Many", "receiver_test": receiver, "series": str(n)},
                    "annotations": {"summary": long, "description": long},
                }
                for n in range(200)
            ]
        )
    # The first message may go out before the last alert is in; the next one has all of them.
    wait_until(
        lambda: (
            all(rig.fakes.of(kind) for kind in WAYS.values())
            and "alerts in all" in rig.fakes.of(TELEGRAM)[-1].text
        ),
        seconds=SECONDS,
        what="every receiver is told, and how many there are",
    )

    assert [] == rig.fakes.refused
