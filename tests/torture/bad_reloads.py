"""Broken configuration files and SIGHUP under load: the old configuration goes on (F20)."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from random import Random

from exporter.config.reference import example_config
from tests.support.server import Exporter
from tests.torture.account import settle
from tests.torture.bots import RATE, Bots
from tests.torture.pace import until
from tests.torture.scenario import Figures, Scenario, Stage
from tests.torture.watch import Watch, scrape

FAILURES = 'bot_exporter_config_reloads_total{outcome="failure"}'
HEALTHY = "bot_exporter_config_last_reload_successful"
Break = Callable[[str, Random], bytes]


def _text(change: Callable[[str, Random], str]) -> Break:
    return lambda text, rng: change(text, rng).encode()


def _at_a_line(piece: str) -> Break:
    def change(text: str, rng: Random) -> str:
        lines = text.splitlines()
        lines.insert(rng.randrange(len(lines) + 1), piece)
        return "\n".join(lines)

    return _text(change)


# What cannot be a configuration, however the rest of the file looks.
BREAKS: tuple[Break, ...] = (
    _at_a_line("no_such_key: 1"),
    _at_a_line("\t- tab: [1"),
    _at_a_line("log: {snapshot_seconds: -5}"),
    _at_a_line("log: {segment_bytes: many}"),
    _at_a_line("ingest: {max_events: 1e999}"),
    _at_a_line("bots: [{name: 'a b'}]"),
    _at_a_line("bots: {name: 1}"),
    _at_a_line("privacy: {text: perhaps}"),
    _at_a_line("logging: [info"),
    _at_a_line("'''"),
    _at_a_line("x: &a [*a, *a"),
    _at_a_line("limits: {bots: 0}"),
    _text(lambda text, rng: text + "ingest: " + "[" * rng.randrange(50, 5000)),
    _text(lambda text, rng: f"{text}\nunknown_{rng.randrange(99)}: true\n"),
    _text(lambda _, rng: "- " * rng.randrange(1, 50) + "x\n"),
    lambda text, rng: text.encode() + bytes([0xFF, rng.randrange(256)]),
    lambda text, rng: text.encode() + b"\0" * rng.randrange(1, 9),
    lambda _, rng: b"a: &a [1]\n" + b"b: [" + b"*a," * rng.randrange(9, 99) + b"]\n",
)


async def run(stage: Stage) -> Figures:
    """Reload broken files, and now and then a sound one; no request notices."""
    rng = Random(stage.seed)
    files = stage.pick(short=20, long=200)
    sound = RATE + "# " + example_config().replace("\n", "\n# ") + "\n"
    with Exporter(stage.directory, settings=sound) as exporter:
        async with Watch(exporter), Bots(exporter, seed=stage.seed) as bots:
            for number in range(files):
                await bots.more(2)
                await _reload_broken(exporter, _break(number, exporter.config, sound, rng), rng)
                _write(exporter.config, sound.encode())
                if number % 10 == 9:
                    await _reload_sound(exporter)
            await _reload_sound(exporter)
        account = await settle(stage, exporter, bots)
    statuses = dict(bots.tally.statuses)
    assert {202} == set(statuses), f"seed {stage.seed}: {statuses}"
    assert 0 == bots.tally.unreachable
    return account.figures(stage, rounds=files, facts="0 failed requests")


def _break(number: int, path: Path, sound: str, rng: Random) -> str:
    """Break the file, or the way to it; return what was done."""
    kind = number % (len(BREAKS) + 3)
    if kind < len(BREAKS):
        content = BREAKS[kind](sound, rng)
        _write(path, content)
        return repr(content[-80:])
    path.unlink()
    if kind == len(BREAKS):
        return "deleted"
    if kind == len(BREAKS) + 1:
        path.mkdir()
        return "a directory"
    path.symlink_to(path)
    return "a link to itself"


def _write(path: Path, content: bytes) -> None:
    if path.is_dir():
        path.rmdir()
    elif path.is_symlink():
        path.unlink()
    path.write_bytes(content)


async def _reload_broken(exporter: Exporter, what: str, rng: Random) -> None:
    before = (await asyncio.to_thread(scrape, exporter))[FAILURES]
    for _ in range(rng.choice((1, 1, 3))):
        os.kill(exporter.pid, signal.SIGHUP)
    await until(
        lambda: scrape(exporter)[FAILURES] > before, seconds=20, what=f"the reload of {what} failed"
    )
    assert 0 == (await asyncio.to_thread(scrape, exporter))[HEALTHY], what


async def _reload_sound(exporter: Exporter) -> None:
    os.kill(exporter.pid, signal.SIGHUP)
    await until(lambda: scrape(exporter)[HEALTHY] == 1, seconds=20, what="a sound file is taken")


SCENARIO = Scenario("bad_reloads", run)
