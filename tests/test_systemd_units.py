"""The units of the how-to fit the program they start, and systemd has nothing to complain about."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from exporter.config.model import Config
from exporter.service import app, control
from exporter.service.activation import INTERNAL, PUBLIC

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "how-to" / "run-under-systemd.md"
INSTALLED = "/opt/bot-exporter/bin/bot-exporter"
SOCKETS = ("bot-exporter-public.socket", "bot-exporter-internal.socket")
ANALYZE = shutil.which("systemd-analyze") or ""
DROP_IN = "bot-exporter.service.d/tls.conf"

_UNIT = re.compile(
    r"`/etc/systemd/system/([^`\n]+)`[^`]*```ini\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
_LINE = re.compile(r"\[(\w+)\]|([A-Z]\w*)=(.*)|#.*|")

Unit = dict[str, list[str]]


def texts() -> dict[str, str]:
    """Return the text of every unit on the page, by its name."""
    return dict(_UNIT.findall(PAGE.read_text(encoding="utf-8")))


def unit(name: str) -> Unit:
    """Return the values of each setting, as "Section.Setting"; a line of no known form fails."""
    values: Unit = {}
    section = ""
    for line in texts()[name].splitlines():
        found = _LINE.fullmatch(line)
        assert found, f"{name}: {line}"
        section = found[1] or section
        if found[2]:
            values.setdefault(f"{section}.{found[2]}", []).append(found[3])
    return values


def one(values: Unit, setting: str) -> str:
    """Return the value of a setting that stands once."""
    (value,) = values[setting]
    return value


def test_the_page_has_every_unit() -> None:
    """One that is not found here is not tested."""
    assert {*SOCKETS, "bot-exporter.service", DROP_IN} == set(texts())


def test_each_socket_is_for_the_listener_of_its_name() -> None:
    """At the address it has without systemd."""
    found = {
        one(values, "Socket.FileDescriptorName"): one(values, "Socket.ListenStream")
        for values in map(unit, SOCKETS)
    }

    config = Config()
    assert {
        PUBLIC: config.ingest.listen_address,
        INTERNAL: config.web.listen_address,
    } == found


@pytest.mark.parametrize("name", SOCKETS)
def test_a_connection_starts_the_service(name: str) -> None:
    """One process serves both sockets."""
    assert "bot-exporter.service" == one(unit(name), "Socket.Service")


@pytest.mark.parametrize(
    "setting", ["Unit.Requires", "Unit.After", "Service.Sockets", "Install.Also"]
)
def test_the_service_names_both_sockets(setting: str) -> None:
    """Without one of them it would bind that address itself, which systemd has."""
    assert set(SOCKETS) <= set(one(unit("bot-exporter.service"), setting).split())


def test_the_service_has_the_time_it_needs() -> None:
    """To drain both listeners and the control socket, and to be told that it is ready."""
    values = unit("bot-exporter.service")
    slowest = app.DRAIN_SECONDS + control.DRAIN_SECONDS + app.INTERNAL_DRAIN_SECONDS

    assert 2 * slowest <= int(one(values, "Service.TimeoutStopSec"))
    assert app.HOLD_SECONDS < int(one(values, "Service.TimeoutStartSec"))
    assert ("notify", "always") == (one(values, "Service.Type"), one(values, "Service.Restart"))


def test_a_unit_of_another_form_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test of the test."""
    broken = PAGE.read_text(encoding="utf-8").replace("Type=notify", "Type: notify")
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: broken)

    with pytest.raises(AssertionError, match="Type: notify"):
        unit("bot-exporter.service")


@pytest.mark.skipif(not ANALYZE, reason="systemd is not installed here")
def test_systemd_finds_nothing_to_complain_about(tmp_path: Path) -> None:
    """With the program of this checkout in its place."""
    program = str(Path(sys.executable).with_name("bot-exporter"))
    for name, text in texts().items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace(INSTALLED, program))
    units = [tmp_path / name for name in (*SOCKETS, "bot-exporter.service")]

    done = subprocess.run(
        [ANALYZE, "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stdout + done.stderr)
