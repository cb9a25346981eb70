"""Servers that behave badly: the right reason, and an end in time."""

import asyncio
import socket
import time
from pathlib import Path

import pytest

from exporter.model.probing import ProbeReason as R
from exporter.probes.outcome import Verdict

from . import evil
from .rig import check_of, run

TIMEOUT = 0.4
# A machine under load is slow; what matters is that a run does not go on for ever.
GENEROUS = 20.0

CASES = [
    (evil.hang, R.RESPONSE_TIMEOUT),
    (evil.drip, R.TRANSFER_TIMEOUT),
    (evil.drip_head, R.RESPONSE_TIMEOUT),
    (evil.endless_headers, R.PROTOCOL),
    (evil.huge_header, R.PROTOCOL),
    (evil.promise_huge_body, R.BODY_TOO_LARGE),
    (evil.huge_body, R.BODY_TOO_LARGE),
    (evil.reset, R.CONNECTION_RESET),
    (evil.reset_in_body, R.CONNECTION_RESET),
    (evil.short_body, R.PROTOCOL),
    (evil.close_at_once, R.CONNECTION_RESET),
    (evil.old_http, R.PROTOCOL),
    (evil.garbage, R.PROTOCOL),
    (evil.loop, R.REDIRECT_LIMIT),
    (evil.answering("302 Found", "Location: file:///etc/passwd"), R.REDIRECT_REFUSED),
    (evil.answering("302 Found", "Location: http://169.254.169.254/"), R.ADDRESS_REFUSED),
    (evil.answering("302 Found", "Location: http://[::1]:1/"), R.ADDRESS_REFUSED),
    (evil.answering("302 Found", "Location: http://a:b@127.0.0.1/"), R.REDIRECT_REFUSED),
    (evil.answering("302 Found", "Location: gopher://127.0.0.1/"), R.REDIRECT_REFUSED),
    (evil.answering("302 Found"), R.STATUS),
    (evil.answering("500 Oh"), R.STATUS),
    (evil.answering("401 Who"), R.AUTHENTICATION),
    (evil.answering("403 No"), R.AUTHENTICATION),
]


def names(value: object) -> str:
    """Return the name of a case."""
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize(("behaviour", "reason"), CASES, ids=names)
async def test_a_bad_server_gets_its_reason_in_time(behaviour: evil.Behaviour, reason: R) -> None:
    """Whatever a target does, a run ends at its timeout and says what was wrong."""
    async with evil.serving(behaviour) as server:
        target = f"http://127.0.0.1:{server.port}/"
        check = check_of(target=target, timeout_seconds=TIMEOUT, http={"redirects": 3})
        began = time.monotonic()
        outcome = await run(check)
        took = time.monotonic() - began

    assert (Verdict.FAILED, reason) == (outcome.verdict, outcome.reason)
    assert took < GENEROUS


async def test_nobody_listening_is_told_from_silence() -> None:
    """A refusal is at once, and is not called a timeout."""
    with socket.socket() as bound:  # Bound but not listening: nobody else gets the port.
        bound.bind(("127.0.0.1", 0))
        check = check_of(target=f"127.0.0.1:{bound.getsockname()[1]}", tcp={})
        outcome = await run(check)

    assert R.CONNECTION_REFUSED == outcome.reason


async def test_a_full_backlog_is_a_timeout_of_the_connection() -> None:
    """A machine that drops packets never answers the first one."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.settimeout(0)
            one.connect_ex(("127.0.0.1", port))
        check = check_of(target=f"127.0.0.1:{port}", timeout_seconds=TIMEOUT, tcp={})
        outcome = await run(check)
        for one in waiting:
            one.close()

    assert R.CONNECT_TIMEOUT == outcome.reason


async def test_evil_servers_leave_no_descriptor_behind() -> None:
    """A hundred bad runs of every kind: as many open files as before."""
    async with evil.serving(evil.hang) as hanging, evil.serving(evil.huge_body) as huge:
        urls = [f"http://127.0.0.1:{server.port}/" for server in (hanging, huge)]
        checks = [check_of(target=url, timeout_seconds=TIMEOUT, http={}) for url in urls]
        before = descriptors()
        await asyncio.gather(*(run(check) for check in checks for _ in range(50)))
        for _ in range(1000):
            if descriptors() <= before:
                break
            await asyncio.sleep(0)

        # The server's ends may close a moment later; ours are gone.
        assert own_ends(hanging.port, huge.port) == 0


def descriptors() -> int:
    """Return how many files this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def own_ends(*ports: int) -> int:
    """Return how many established connections of this machine lead to *ports*."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    rows = (line.split() for line in lines)
    return sum(row[3] == "01" and int(row[2].split(":")[1], 16) in ports for row in rows)
