"""Taking over a changed configuration: `exporter.config.reload`."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.config.keys import BY_NAME
from exporter.config.load import load_config
from exporter.config.model import Config
from exporter.config.reload import RELOADABLE, Reloader, ReloadOutcome, is_reloadable

GOOD = "limits: {bots: 10}\n"
RESTART = "web: {listen_address: ':1'}\nlog: {segment_bytes: 1MiB}\nlimits: {bots: 5}\n"


class ManualClock:
    """Time that moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


class Site:
    """A configuration file, the reloader that watches it, and the changes it announced."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.file.write_text(GOOD, encoding="utf-8")
        self.clock = ManualClock()
        self.changes: list[tuple[Config, Config]] = []
        self.reloader = Reloader(
            load=self.load,
            current=self.load(),
            on_change=lambda old, new: self.changes.append((old, new)),
            clock=self.clock,
        )

    def load(self) -> Config:
        return load_config(self.file, environ={}, overrides={})

    def becomes(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")
        self.clock.now += 60


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a running site."""
    return Site(tmp_path / "bot-exporter.yml")


def test_a_sound_change_is_taken_over(site: Site) -> None:
    """The listeners hear of the old and the new configuration once."""
    old = site.reloader.current
    site.becomes("limits: {bots: 20}\nbots: [{name: a}]\nprivacy: {text: keep}\n")

    result = site.reloader.reload()

    assert ReloadOutcome.SUCCESS is result.outcome
    assert ("privacy.text", "limits.bots", "bots") == result.changed
    assert [(old, site.reloader.current)] == site.changes
    assert 20 == site.reloader.current.limits.bots
    assert 1060.0 == site.reloader.last_success_timestamp


def test_the_same_content_is_a_success_that_changes_nothing(site: Site) -> None:
    """SIGHUP without a change is no event, but its time counts."""
    site.becomes(GOOD + "# a comment\n")

    result = site.reloader.reload()

    assert (ReloadOutcome.SUCCESS, ()) == (result.outcome, result.changed)
    assert [] == site.changes
    assert 1060.0 == site.reloader.last_success_timestamp


def _empty(file: Path) -> None:
    file.unlink()


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _loop(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)


def _bytes(file: Path) -> None:
    file.write_bytes(os.urandom(16) + b"\xff\x00")


def _writes(text: str) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        file.write_text(text, encoding="utf-8")

    return write


@pytest.mark.parametrize(
    "damage",
    [
        _writes("limits: {bots: [}"),
        _writes("limits: {bots: 0}"),
        _writes("limit: {bots: 5}"),
        _writes("limits:\n  bots: 5\n  labe"),
        _writes("a: &a [*a, *a]"),
        _writes("limits: {bots: 5, bots: 6}"),
        _empty,
        _folder,
        _loop,
        _bytes,
    ],
    ids=lambda damage: damage.__name__,
)
def test_a_bad_file_keeps_the_old_configuration(site: Site, damage: Callable[[Path], None]) -> None:
    """Half written, deleted, a broken link: the exporter goes on as it was and says why."""
    old = site.reloader.current
    damage(site.file)
    site.clock.now += 60

    result = site.reloader.reload()

    assert ReloadOutcome.FAILURE is result.outcome
    assert result.problems
    assert old is site.reloader.current
    assert ([], False, 1000.0) == (
        site.changes,
        site.reloader.last_successful,
        site.reloader.last_success_timestamp,
    )


def test_a_change_that_needs_a_restart_is_refused_as_a_whole(site: Site) -> None:
    """The limit in the same file is not taken over either: half a file is nobody's file."""
    site.becomes(RESTART)

    result = site.reloader.reload()

    assert ["web.listen_address", "log.segment_bytes"] == [p.path for p in result.problems]
    assert "restart the exporter, or restore the old value" in str(result.problems[0])
    assert (10, []) == (site.reloader.current.limits.bots, site.changes)


def test_a_changed_own_file_needs_a_restart(site: Site) -> None:
    """The content counts, not only the name of the file."""
    own = site.file.with_name("own.yml")
    own.write_text("events: [{name: wish, description: D.}]", encoding="utf-8")
    site.becomes(GOOD + "catalog: {files: [own.yml]}\n")
    site.reloader.current = site.load()
    own.write_text("events: [{name: hope, description: D.}]", encoding="utf-8")

    result = site.reloader.reload()

    assert ["catalog.events"] == [problem.path for problem in result.problems]


def test_a_success_follows_a_failure(site: Site) -> None:
    """The attempts are counted by outcome from the start."""
    assert {ReloadOutcome.SUCCESS: 0, ReloadOutcome.FAILURE: 0} == site.reloader.counts

    for text in ("limits: 5", RESTART, GOOD):
        site.becomes(text)
        site.reloader.reload()

    assert {ReloadOutcome.SUCCESS: 1, ReloadOutcome.FAILURE: 2} == site.reloader.counts
    assert site.reloader.last_successful


def test_a_listener_that_fails_keeps_the_old_configuration(site: Site) -> None:
    """The attempt is a failure, and the error is not swallowed."""
    old = site.reloader.current

    def fail(_old: Config, _new: Config) -> None:
        raise RuntimeError("no")

    reloader = Reloader(load=site.load, current=old, on_change=fail, clock=site.clock)
    site.becomes("limits: {bots: 20}")

    with pytest.raises(RuntimeError):
        reloader.reload()

    assert old is reloader.current
    assert ({ReloadOutcome.SUCCESS: 0, ReloadOutcome.FAILURE: 1}, False) == (
        reloader.counts,
        reloader.last_successful,
    )


def test_the_reloadable_keys_exist() -> None:
    """The declared set names real keys or sections, and never the catalogue."""
    for name in RELOADABLE:
        assert any(is_reloadable(key) and key.startswith(name) for key in BY_NAME)
    assert not is_reloadable("catalog.events")
    assert not is_reloadable("limitsx")
