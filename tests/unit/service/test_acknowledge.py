"""What a link in a message shows, and who is on it: `exporter.service.acknowledge`."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from exporter.catalog.own_alerting import ALERT_ACKNOWLEDGED
from exporter.service.ack_page import LONGEST_COMMENT
from tests.unit.service.alerting_rig import (
    ACK,
    FINGERPRINT,
    INGEST,
    OF_BANK,
    Rig,
    bearer,
    firing,
    resolved,
    rigged,
)

LINK = f"/ack?fp={FINGERPRINT}"
SECRET_LABEL = "customer-4711"
ATTACK = '"><script>alert(1)</script>'


def acknowledged(rig: Rig, name: str = "BotDown", bot: str = "shop") -> float:
    """Return what `/metrics` says; 0 when the series is not there."""
    return rig.own.value(ALERT_ACKNOWLEDGED, name, bot)


async def test_the_link_shows_name_bot_and_age_to_anybody(tmp_path: Path) -> None:
    """And nothing else: other labels and texts may say more than an outsider should know."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing(customer=SECRET_LABEL))

        answer = await rig.client.get(LINK)
        page = await answer.text()

        assert 200 == answer.status
        for text in ("BotDown", "shop", "2026-02-02 02:00 UTC", "firing"):
            assert text in page
        for text in (SECRET_LABEL, "is silent", "critical"):
            assert text not in page


async def test_looking_changes_nothing(tmp_path: Path) -> None:
    """Mail scanners and chat previews follow every link, HEAD included."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing())

        await rig.client.get(LINK)
        await rig.client.head(LINK)
        await rig.client.get(LINK, headers={**bearer(ACK), "Accept": "application/json"})

        assert 0 == acknowledged(rig)


@pytest.mark.parametrize("fingerprint", ["", "ff", "00AB", "x" * 5000, "%27%20OR%201=1", "%00"])
async def test_an_unknown_link_tells_nothing(tmp_path: Path, fingerprint: str) -> None:
    """Whether it is malformed or was never an alert."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing())

        answer = await rig.client.get(f"/ack?fp={fingerprint}")

        assert 404 == answer.status
        assert "There is nothing to acknowledge here." in await answer.text()


async def test_an_old_end_is_not_shown_any_more(tmp_path: Path) -> None:
    """A link in an old chat need not tell what fired."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing())
        await rig.report(resolved(firing()))
        assert "ended" in await (await rig.client.get(LINK)).text()

        rig.clock.advance(2 * 86_400.0)

        assert 404 == (await rig.client.get(LINK)).status


async def test_without_preview_every_link_looks_the_same(tmp_path: Path) -> None:
    """Nobody learns by guessing fingerprints which alerts there are."""
    async with rigged(tmp_path, preview=False) as rig:
        await rig.report(firing())

        known = await (await rig.client.get(LINK)).text()
        unknown = await (await rig.client.get("/ack?fp=ff")).text()

        assert known == unknown
        assert "BotDown" not in known


async def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """A label comes from wherever the rule takes it."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing(ATTACK, bot=ATTACK))

        page = await (await rig.client.get(LINK)).text()

        assert 1 == page.count("<script>")
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_the_policy_allows_the_own_script_and_style_only(tmp_path: Path) -> None:
    """By their hashes; nothing is loaded from elsewhere, and nobody may frame it."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing())

        answer = await rig.client.get(LINK)
        page, policy = await answer.text(), answer.headers["Content-Security-Policy"]

        for tag, directive in (("style", "style-src"), ("script", "script-src")):
            (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
            hashed = b64encode(sha256(content.encode()).digest()).decode()
            assert f"{directive} 'sha256-{hashed}'" in policy
        assert {"default-src 'none'", "frame-ancestors 'none'", "form-action 'none'"} <= set(
            policy.split("; ")
        )
        assert "no-store" == answer.headers["Cache-Control"]
        assert "no-referrer" == answer.headers["Referrer-Policy"]


async def test_an_acknowledgement_is_recorded_and_exported_until_the_end(tmp_path: Path) -> None:
    """Who, what they said, and the series that stops the escalation."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing())

        status, body = await rig.acknowledge(comment="looking")

        assert 200 == status
        assert {"at": rig.clock.wall(), "author": "Ann", "comment": "looking"} == body[
            "acknowledged"
        ]
        assert 1 == acknowledged(rig)
        assert "firing, acknowledged" in await (await rig.client.get(LINK)).text()
        await rig.report(resolved(firing()))
        assert 0 == acknowledged(rig)


async def test_the_log_names_the_token_and_no_person(tmp_path: Path) -> None:
    """Names of people live in the history, which forgets them."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing())
        await rig.acknowledge(comment="call 0171")

        (line,) = rig.log.lines

        expected = {"alert": "BotDown", "bot": "shop", "token_name": "ann"}
        assert ("alert_acknowledged", expected) == line


async def test_a_neighbour_that_nobody_looked_at_still_escalates(tmp_path: Path) -> None:
    """Escalation asks by name and bot; one of two acknowledged alerts is not enough."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing(), {**firing(platform="web"), "fingerprint": "02"})

        await rig.acknowledge()
        one = acknowledged(rig)
        await rig.acknowledge(fp="02")

        assert (0, 1) == (one, acknowledged(rig))


async def test_only_a_token_with_the_scope_acknowledges(tmp_path: Path) -> None:
    """One of another bot does not even learn that the alert exists."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing())

        assert 401 == (await rig.acknowledge("bo_wrong"))[0]
        assert 401 == (await rig.client.post("/ack", json={"fp": FINGERPRINT})).status
        assert 403 == (await rig.acknowledge(INGEST))[0]
        assert 404 == (await rig.acknowledge(OF_BANK))[0]
        assert 0 == acknowledged(rig)


async def test_details_need_a_token(tmp_path: Path) -> None:
    """The same rules as for acknowledging."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing(customer=SECRET_LABEL))

        async def ask(token: str) -> tuple[int, str]:
            headers = {"Accept": "application/json", **(bearer(token) if token else {})}
            answer = await rig.client.get(LINK, headers=headers)
            return answer.status, await answer.text()

        assert [401, 401, 403, 404] == [
            (await ask(token))[0] for token in ("", "bo_wrong", INGEST, OF_BANK)
        ]
        status, text = await ask(ACK)
        assert 200 == status
        assert SECRET_LABEL in text


@pytest.mark.parametrize(
    "body",
    [
        {"author": ""},
        {"author": "x" * 101},
        {"comment": "x" * (LONGEST_COMMENT + 1)},
        {"fp": "../"},
        {"silence": "1h"},
    ],
    ids=str,
)
async def test_a_wrong_acknowledgement_is_refused(tmp_path: Path, body: dict[str, str]) -> None:
    """It says what is wrong, and nothing happens."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing())

        assert 400 == (await rig.acknowledge(**body))[0]
        assert 0 == acknowledged(rig)


async def test_a_form_of_another_site_does_nothing(tmp_path: Path) -> None:
    """Browsers send forms and text across sites, but neither this header nor this type."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing())

        form = await rig.client.post("/ack", data={"fp": FINGERPRINT, "author": "Eve"})
        text = await rig.client.post(
            "/ack", data=f'{{"fp":"{FINGERPRINT}","author":"Eve"}}', headers=bearer(ACK)
        )

        assert [401, 415] == [form.status, text.status]
        assert 0 == acknowledged(rig)


async def test_what_ended_cannot_be_acknowledged(tmp_path: Path) -> None:
    """The page was open while it ended."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing())
        await rig.report(resolved(firing()))

        assert 404 == (await rig.acknowledge())[0]


async def test_names_beyond_the_usual_never_become_labels(tmp_path: Path) -> None:
    """They fold into one series that matches no alert, so the escalation goes on."""
    async with rigged(tmp_path) as rig:
        await rig.report(firing("Bot Down\n", bot="a b"))
        await rig.acknowledge()

        assert 0 == acknowledged(rig, "Bot Down\n", "a b")
        assert 1 == acknowledged(rig, "_other", "_other")
