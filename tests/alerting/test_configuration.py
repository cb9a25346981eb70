"""What is written for Alertmanager is right for the version it is written for."""

import subprocess
from pathlib import Path
from typing import get_args

import pytest
import yaml

from exporter.bundle.alertmanager import alertmanager_files
from exporter.config.site import Site
from exporter.config.site_alerting import Alerting, Day, Hours
from tests.support.pairs import PAIRS, Pair
from tests.support.server import ROOT

from .sites import SECRETS, full_site, write_secrets


@pytest.fixture(params=PAIRS, ids=lambda pair: pair.name)
def pair(request: pytest.FixtureRequest) -> Pair:
    """Return each pair in turn."""
    found: Pair = request.param
    return found


def written(site: Site, folder: Path) -> Path:
    """Write Alertmanager's files and return the configuration."""
    for name, text in alertmanager_files(site).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "alertmanager" / "alertmanager.yml"


def checked(pair: Pair, file: Path) -> str:
    """Run amtool over *file*; return what it says, and fail when it complains."""
    command = [str(pair.amtool), "check-config", file.name]
    done = subprocess.run(command, cwd=file.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_committed_configuration_is_accepted_by_both_versions(pair: Pair) -> None:
    """It starts on a fresh machine."""
    said = checked(pair, ROOT / "alertmanager" / "alertmanager.yml")

    assert "1 templates" in said
    assert "FAILED" not in said


def test_the_committed_configuration_needs_no_secret() -> None:
    """Nothing in it names a file that a newcomer does not have."""
    text = (ROOT / "alertmanager" / "alertmanager.yml").read_text()

    assert "_file" not in text


def test_a_site_with_every_receiver_is_accepted(pair: Pair, tmp_path: Path) -> None:
    """Each profile by its own version."""
    write_secrets(tmp_path / "secrets")
    site = full_site(tmp_path / "secrets", pair.name)  # type: ignore[arg-type]  # the names are the profiles

    said = checked(pair, written(site, tmp_path))

    assert "7 receivers" in said


def test_the_current_profile_holds_no_secret(tmp_path: Path) -> None:
    """All of them stay in their files."""
    write_secrets(tmp_path / "secrets")

    text = written(full_site(tmp_path / "secrets", "current"), tmp_path).read_text()

    assert not [secret for secret in SECRETS.values() if secret in text]


def test_the_floor_profile_holds_only_what_the_version_cannot_read(tmp_path: Path) -> None:
    """
    Alertmanager 0.25 reads neither a Telegram token nor a webhook's URL from a file.

    And it takes the newline at the end of a password's file for a part of the password.
    """
    write_secrets(tmp_path / "secrets")

    text = written(full_site(tmp_path / "secrets", "floor"), tmp_path).read_text()

    found = {name for name, secret in SECRETS.items() if secret in text}
    assert {"telegram", "hook", "deadman", "smtp"} == found


def test_office_hours_and_nights_are_the_whole_week() -> None:
    """No minute is in both or in neither."""
    hours = Hours(days=("monday", "saturday"), start="00:00", end="17:30", location="Asia/Tokyo")
    site = Site(alerting=Alerting(hours=hours))
    tree = yaml.safe_load(alertmanager_files(site)["alertmanager/alertmanager.yml"])

    _, night = tree["time_intervals"]

    assert [
        {"times": [{"start_time": "17:30", "end_time": "24:00"}], "location": "Asia/Tokyo"},
        {
            "weekdays": ["tuesday", "wednesday", "thursday", "friday", "sunday"],
            "location": "Asia/Tokyo",
        },
    ] == night["time_intervals"]


def test_who_never_sleeps_has_no_nights(pair: Pair, tmp_path: Path) -> None:
    """An empty interval would be refused, and a mute that names none as well."""
    hours = Hours(days=get_args(Day), start="00:00", end="24:00")

    file = written(Site(alerting=Alerting(hours=hours)), tmp_path)

    assert "mute_time_intervals" not in file.read_text()
    checked(pair, file)


def test_an_address_cannot_break_out_of_the_template() -> None:
    """It is written by the operator, but a brace in it would stop all notifications."""
    site = Site(alerting=Alerting(ack_url='https://x/{{ end }}"><script>'))

    text = alertmanager_files(site)["alertmanager/templates/site.tmpl"]

    assert text.count("{{") == 2
    assert "<" not in text.replace('{{ define "bot.ack_base" }}', "")


def test_the_texts_are_the_same_for_every_site() -> None:
    """Only addresses differ; so what is tested here is what a site sends."""
    committed = (ROOT / "alertmanager/templates/bot_exporter.tmpl").read_text()

    text = alertmanager_files(Site())["alertmanager/templates/bot_exporter.tmpl"]

    assert committed.endswith(text)
