"""A second process on the same directory ends at once and touches nothing (F21)."""

import asyncio
import hashlib
import subprocess
import sys
import time
from pathlib import Path

from tests.support.ports import free_ports
from tests.support.server import ROOT, Exporter
from tests.torture.account import settle
from tests.torture.bots import RATE, Bots
from tests.torture.scenario import Figures, Scenario, Stage

EXIT_SECONDS = 20.0  # Far more than an idle machine needs; the table shows what it took.


async def run(stage: Stage) -> Figures:
    """Start a second one beside a running one, also right after a kill."""
    rounds = stage.pick(short=2, long=10)
    slowest = 0.0
    with Exporter(stage.directory, settings=RATE) as exporter:
        bots = Bots(exporter, seed=stage.seed)
        for number in range(rounds):
            async with bots:
                await bots.more(8)
            if number % 2:
                await asyncio.to_thread(exporter.restart_hard)
            before = fingerprint(exporter.storage)
            slowest = max(slowest, await asyncio.to_thread(_second, exporter))
            assert before == fingerprint(exporter.storage), f"seed {stage.seed}: data was touched"
        account = await settle(stage, exporter, bots)
    return account.figures(stage, rounds=rounds, facts=f"refused within {slowest:.1f} s")


def fingerprint(directory: Path) -> dict[str, str]:
    """Return a digest of every file; a database in use is read by its owner at any time."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not path.name.startswith("operations.sqlite-")
    }


def _second(exporter: Exporter) -> float:
    ports = free_ports(2)
    began = time.monotonic()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "exporter", "serve", f"--storage.path={exporter.storage}"),
            f"--ingest.listen-address=127.0.0.1:{ports[0]}",
            f"--web.listen-address=127.0.0.1:{ports[1]}",
        ],
        cwd=ROOT,
        capture_output=True,
        timeout=EXIT_SECONDS,
        check=False,
    )
    assert 0 != done.returncode
    assert b"another bot-exporter process" in done.stdout + done.stderr, done.stderr.decode()
    return time.monotonic() - began


SCENARIO = Scenario("two_processes", run)
