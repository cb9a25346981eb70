"""The end of a client, of its process, and the forks in between."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.client import Client, Limits
from tests.support.ports import free_ports
from tests.unit.client.script import Say, Server, verdicts

ROOT = Path(__file__).parent.parent.parent.parent
NO_HURRY = 3600.0


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server that takes everything."""
    with Server() as server:
        yield server


def run(script: str, url: str) -> subprocess.CompletedProcess[str]:
    """Run a bot of its own."""
    environment = {"PATH": os.environ["PATH"], "BOT_EXPORTER_URL": url}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_forgotten_client_sends_what_it_has(server: Server) -> None:
    """A thread must not outlive the last one who cared."""
    client = Client(server.url, bot="shop", limits=Limits(batch_seconds=NO_HURRY))
    client.send("heartbeat")
    del client

    server.wait_for(requests=1)
    assert 1 == len(server.stored)


def test_the_end_of_the_process_sends_what_is_queued(server: Server) -> None:
    """A bot that stops, or breaks, has told everything before; nothing is left on its screen."""
    script = (
        "from exporter.client import Client, Limits\n"
        "client = Client(bot='shop', limits=Limits(batch_seconds=3600))\n"
        "for _ in range(250): client.send('heartbeat')\n"
        "raise SystemExit(3)\n"
    )

    done = run(script, server.url)

    assert (3, "", "") == (done.returncode, done.stdout, done.stderr)
    assert 250 == len(server.stored)


def test_the_end_of_the_process_does_not_wait_for_an_exporter_that_is_away() -> None:
    """Not longer than it was told to."""
    script = (
        "from exporter.client import Client, Limits\n"
        "client = Client(bot='shop', limits=Limits(exit_seconds=0.3))\n"
        "client.send('heartbeat')\n"
    )

    done = run(script, f"http://127.0.0.1:{free_ports(1)[0]}")

    assert 0 == done.returncode
    assert "Traceback" not in done.stderr


def test_a_forked_child_sends_its_own_events_and_not_its_parents(server: Server) -> None:
    """Neither twice, nor under ids of the parent; the parent goes on."""
    script = (
        "import os, sys\n"
        "from exporter.client import Client, Limits\n"
        "client = Client(bot='shop', limits=Limits(batch_seconds=3600))\n"
        "client.send('track', name='warm'); client.flush()\n"
        "for _ in range(3): client.send('track', name='parent')\n"
        "child = os.fork()\n"
        "for _ in range(5): client.send('track', name='child' if child == 0 else 'parent')\n"
        "if child == 0:\n"
        "    ok = client.flush() and client.stats.accepted == 5\n"
        "    os._exit(0 if ok else 1)\n"
        "_, status = os.waitpid(child, 0)\n"
        "ok = client.flush() and client.stats.accepted == 9\n"
        "sys.exit(os.waitstatus_to_exitcode(status) or not ok)\n"
    )

    done = run(script, server.url)

    assert (0, "") == (done.returncode, done.stderr)
    names = [event["name"] for event in server.stored.values()]
    assert (1, 8, 5) == tuple(map(names.count, ("warm", "parent", "child")))


def test_a_fork_in_the_middle_of_a_request_does_not_hang_the_child() -> None:
    """The parent's thread holds locks that nobody releases in the child."""
    script = (
        "import os, sys, threading\n"
        "from exporter.client import Client, Limits\n"
        "client = Client(bot='shop', limits=Limits(batch_seconds=1e-9, exit_seconds=0.5))\n"
        "client.send('track', name='parent')\n"
        "sys.stdin.readline()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    client.send('track', name='child')\n"
        "    sys.exit(not client.flush())\n"
        "_, status = os.waitpid(child, 0)\n"
        "os._exit(os.waitstatus_to_exitcode(status))\n"
    )
    with Server(Say(202, verdicts(1), hang=True)) as server:
        bot = subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "BOT_EXPORTER_URL": server.url},
            stdin=subprocess.PIPE,
        )
        server.wait_for(requests=1)
        bot.communicate(b"go\n", timeout=60)

    assert 0 == bot.returncode
    assert ["child"] == [event["name"] for event in server.stored.values()]


def test_a_signal_handler_may_send_while_the_bot_sends(server: Server) -> None:
    """It interrupts the very thread that holds the locks."""
    script = (
        "import signal, sys\n"
        "from exporter.client import Client, Limits\n"
        "client = Client(bot='shop', limits=Limits(queue_events=10**7, queue_bytes=10**9))\n"
        "told = []\n"
        "signal.signal(signal.SIGALRM, lambda *_: told.append(client.send('heartbeat')))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)\n"
        "sent = 0\n"
        "while len(told) < 50: sent += bool(client.send('heartbeat'))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0)\n"
        "sys.exit(not (client.flush(50) and client.stats.accepted == sent + len(told)))\n"
    )

    done = run(script, server.url)

    assert (0, "") == (done.returncode, done.stderr)
