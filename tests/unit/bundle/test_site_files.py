"""The files of a site: `exporter.bundle.site_files`."""

from pathlib import Path

from msgspec.structs import replace

from exporter.bundle.alertmanager import FILE as ALERTMANAGER
from exporter.bundle.alertmanager import alertmanager_files
from exporter.bundle.files import files
from exporter.bundle.site_files import MARK, private_files, site_files
from exporter.config.site import Site
from exporter.config.site_alerting import Alerting
from exporter.config.site_load import LoadedSite, default_site


def test_a_site_has_the_files_that_servers_read() -> None:
    """Rules and Alertmanager's configuration; documents are the same everywhere."""
    committed = {
        path
        for path in files({})
        if path.startswith(("prometheus/rules/", "alertmanager/")) and not path.endswith(".md")
    }

    assert committed == set(site_files(default_site(), "site.yml"))


def test_every_file_says_which_site_it_is_of() -> None:
    """In the comment of its language; nothing in a name ends it."""
    written = site_files(default_site(), "our */ site}}.yml\n")

    firsts = {path: text.splitlines()[0] for path, text in written.items()}
    expected = f"{MARK} from our____site__.yml_; edit that instead."
    assert {expected} == {line.strip("#{}/* ") for line in firsts.values()}
    assert f"{{{{/* {expected} */}}}}" == firsts["alertmanager/templates/site.tmpl"]


def test_links_and_messages_are_the_site_s() -> None:
    """What Alertmanager's part writes is passed through."""
    site = Site(alerting=Alerting(ack_url="https://bots.example.org"))

    written = site_files(LoadedSite(site=site, slos=()), "site.yml")

    for path, text in alertmanager_files(site).items():
        assert written[path].endswith(text)


def test_a_file_that_may_hold_secrets_is_private(tmp_path: Path) -> None:
    """Alertmanager 0.25 cannot read all of them from files."""
    floor = replace(Site(), alerting=Alerting(profile="floor"))

    assert {ALERTMANAGER} == private_files(LoadedSite(site=floor, slos=()))
    assert set() == private_files(default_site())
