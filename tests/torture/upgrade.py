"""A data directory of an earlier version: the same counters, the same memory of ids (F19)."""

import asyncio
import json
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

from exporter.log.checksum import crc32
from tests.support.ports import free_ports
from tests.support.server import ROOT, Exporter
from tests.torture.bots import RATE, Bots, Work
from tests.torture.pace import until
from tests.torture.scenario import Figures, Scenario, Stage
from tests.torture.two_processes import fingerprint
from tests.torture.watch import Watch, scrape

RELEASES = ROOT / "tests" / "faults" / "data"
# The ids of a directory that lies here for years must not age away.
SETTINGS = RATE + "dedupe: {retention_seconds: 36500d}\nlog: {snapshot_events: 600}\n"
DURABLE = ("_total", "_bucket", "_count", "_sum")
SECRETS = ("data/pseudonym.key", "data/contact.key", "data/ingest.token")
PASSING = (
    *("exporter.log", "exporter.yml", "data/control.sock", "data/lock"),
    "data/operations.sqlite-shm",
)
SEED, WORK = 19, Work(lanes=2, events=20)
EXIT_SECONDS = 30.0


async def run(stage: Stage) -> Figures:
    """Start on a copy of each release's directory, and refuse a copy from the future."""
    acknowledged, releases = 0, sorted(path for path in RELEASES.iterdir() if path.is_dir())
    assert releases, f"no directory below {RELEASES}"
    for release in releases:
        directory = stage.directory / release.name
        await asyncio.to_thread(shutil.copytree, release, directory)
        acknowledged += await _start_on(directory)
        future = stage.directory / f"{release.name}-future"
        await asyncio.to_thread(shutil.copytree, release, future)
        want = json.loads((future / "expected.json").read_text())
        _unlock(future, want)
        await asyncio.to_thread(_refuse_future, future / "data")
    names = ", ".join(release.name for release in releases)
    return Figures(len(releases), acknowledged, facts=f"data of {names}")


async def _start_on(directory: Path) -> int:
    want = json.loads((directory / "expected.json").read_text())
    _unlock(directory, want)
    with Exporter(directory, settings=SETTINGS) as exporter:
        got = durable(await asyncio.to_thread(scrape, exporter))
        # A later version has more families, never fewer or others.
        assert want["counters"] == {key: got.get(key) for key in want["counters"]}
        bots = Bots(exporter, seed=SEED, work=WORK)
        bots.batches = want["batches"]
        again = await bots.send_again()
        assert (0, bots.acknowledged) == (again.accepted, again.duplicates), again
        return bots.acknowledged


def _unlock(directory: Path, want: dict[str, Any]) -> None:
    for name, content in want["files"].items():
        (directory / name).write_text(content)
        (directory / name).chmod(0o600)
    (directory / "data").chmod(0o700)
    for path in (directory / "data").rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _refuse_future(data: Path) -> None:
    """Raise the format of the snapshot by one, as the next version but one might."""
    newest = max((data / "log").glob("snapshot-*.snap"))
    content = bytearray(newest.read_bytes())
    magic, number = struct.unpack_from("<8sH", content)
    prefix = struct.pack("<8sH", magic, number + 1)
    content[:14] = prefix + struct.pack("<I", crc32(prefix, 0))
    newest.write_bytes(content)
    before = fingerprint(data)
    ports = free_ports(2)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "exporter", "serve", f"--storage.path={data}"),
            f"--ingest.listen-address=127.0.0.1:{ports[0]}",
            f"--web.listen-address=127.0.0.1:{ports[1]}",
        ],
        cwd=ROOT,
        capture_output=True,
        timeout=EXIT_SECONDS,
        check=False,
    )
    assert 0 != done.returncode
    assert b"written by a newer version" in done.stdout + done.stderr, done.stderr.decode()
    after = fingerprint(data)
    touched = {name for name in before | after if before.get(name) != after.get(name)}
    # The lock is the one thing a process takes before it looks.
    assert touched <= {"lock"}, f"data of a newer version was touched: {touched}"


def durable(found: dict[str, float]) -> dict[str, float]:
    """Return the durable counters and parts of histograms that are not 0."""
    return {
        key: value
        for key, value in found.items()
        if key.partition("{")[0].endswith(DURABLE)
        and "bot_exporter_" not in key
        and value
        # Turns end with time, whether or not anybody sends.
        and not key.startswith(("bot_turn", "process_", "python_"))
    }


async def make(directory: Path) -> None:
    """Make the directory of the present version: `python -m tests.torture.upgrade DIRECTORY`."""
    with Exporter(directory, settings=SETTINGS) as exporter:
        bots = Bots(exporter, seed=SEED, work=WORK)
        async with Watch(exporter), bots:
            await bots.more(35)
            log = exporter.storage / "log"
            await until(lambda: any(log.glob("*.snap")), seconds=30, what="a snapshot")
            await bots.more(5)  # The tail behind it.
        found = durable(await asyncio.to_thread(scrape, exporter))
        exporter.kill()
    # Keys never enter the repository as files; these protect what anybody may know.
    secrets = {name: (directory / name).read_text() for name in SECRETS}
    want: dict[str, Any] = {"batches": bots.batches, "counters": found, "files": secrets}
    (directory / "expected.json").write_text(json.dumps(want, indent=1, sort_keys=True) + "\n")
    for name in (*SECRETS, *PASSING):
        (directory / name).unlink(missing_ok=True)


SCENARIO = Scenario("upgrade", run)

if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True)
    asyncio.run(make(target))
