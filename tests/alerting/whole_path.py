"""
Everything from a bot's event to a person's phone, for real, on loopback.

Events go to an exporter, a Prometheus scrapes it with the shipped rules, an Alertmanager sends with
the shipped routes and templates. Only durations and addresses differ from what is shipped.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import yaml
from msgspec.structs import replace

from exporter.bundle.alertmanager import alertmanager_files
from exporter.config.site import Site
from tests.support.pairs import Pair
from tests.support.prom import Prometheus
from tests.support.server import ROOT, Exporter
from tests.support.waiting import wait_until

from .cast import Cast
from .fakes import Fakes
from .running import Alertmanager
from .scaling import faster
from .sites import always_awake, full_site, write_secrets
from .told import Told, told

FACTOR = 60.0  # An hour is a minute.
# A quarter of a second would be right for the factor, and too short for a busy machine.
PACE = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "500ms"}
# Prometheus' own settings: what is pending when it restarts, and how often it repeats itself.
# What it does not repeat within four times the delay has ended, for Alertmanager.
FLAGS = ("--storage.tsdb.retention.time=45d", "--rules.alert.for-grace-period=10s")
RESEND = "--rules.alert.resend-delay"
SECONDS = 60.0
SILENCE_SECONDS = 3.0
SHIPPED = ROOT / "prometheus"
EXPORTER, ALERTMANAGER, PROMETHEUS = (
    "exporter-internal:10351",
    "alertmanager:9093",
    "localhost:9090",
)
SETTINGS = """\
alerting: {{require_token: true}}
deadman: {{after_seconds: 5, webhook_url_file: {folder}/hook}}
self_test: {{interval_seconds: 1}}
bots:
"""
BOT = "  - {{name: {name}, platforms: [web], expected_silence_seconds: {silence}}}\n"


def prometheus_config(addresses: Mapping[str, str]) -> str:
    """Return the shipped configuration, faster and with other addresses; none may be left out."""
    text = (SHIPPED / "prometheus.yml").read_text()
    for shipped, own in addresses.items():
        assert f"[{shipped}]" in text, f"prometheus.yml does not name {shipped}"
        text = text.replace(f"[{shipped}]", f"[{own}]")
    config = yaml.safe_load(faster(text, FACTOR))
    config["global"] |= PACE
    return yaml.safe_dump(config)


class WholePath:
    """
    The whole path with a *pair* of programs; use it as a context.

    Args:
        pair: Which versions.
        folder: Takes everything they write.
        bots: Who is there; a bot that says nothing for `SILENCE_SECONDS` is missed.
        resend: After how long Prometheus repeats an alert.
    """

    def __init__(
        self, pair: Pair, folder: Path, bots: tuple[str, ...], *, resend: str = "3s"
    ) -> None:
        self._pair = pair
        self._resend = resend
        self._folder = folder
        self._bots = bots
        self._secrets = folder / "secrets"
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start everything, and the bots, who are well."""
        with ExitStack() as stack:
            self.fakes = stack.enter_context(Fakes())
            write_secrets(self._secrets, fakes=self.fakes)
            self.exporter = stack.enter_context(self._exporter())
            self._ack_token = self._token("ack")
            (self._secrets / "exporter_token").write_text(self._token("alerts"))
            self.alertmanager = stack.enter_context(self._alertmanager())
            self.prometheus = stack.enter_context(self._prometheus())
            self.cast = stack.enter_context(Cast(self.exporter, self._bots))
            self._load_rules()
            self._wait_until_all_are_known()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self._stack.close()

    def told(self, kind: str, alert: str, bot: str = "", status: str = "firing") -> list[Told]:
        """Return what *kind* was told of *alert* so far."""
        wanted = (alert, bot, status)
        everything = told(self.fakes.of(kind))
        return [each for each in everything if (each.alert, each.bot, each.status) == wanted]

    def wait_told(self, kind: str, alert: str, bot: str = "", status: str = "firing") -> Told:
        """Return the first message of *kind* about *alert*, once there is one."""
        what = f"{kind} is told of {alert} {bot}: {status}"
        return wait_until(lambda: self.told(kind, alert, bot, status), seconds=SECONDS, what=what)[
            0
        ]

    def wait_firing(self, alert: str, bot: str = "") -> dict[str, Any]:
        """Return the alert as Prometheus shows it, once it fires there."""
        return wait_until(
            lambda: next(iter(self.firing(alert, bot)), None),
            seconds=SECONDS,
            what=f"{alert} {bot} fires",
        )

    def firing(self, alert: str, bot: str = "") -> list[dict[str, Any]]:
        """Return the alerts of that name and bot that fire in Prometheus."""
        return [
            each
            for each in self.prometheus.alerts()
            if each["state"] == "firing"
            and (each["labels"]["alertname"], each["labels"].get("bot", "")) == (alert, bot)
        ]

    def history(self) -> list[dict[str, Any]]:
        """Return the exporter's history of alerts."""
        token = (self._secrets / "exporter_token").read_text()
        url = f"http://127.0.0.1:{self.exporter.web_port}/api/v1/alerts"
        found: list[dict[str, Any]] = _ask(url, token)["alerts"]
        return found

    def acknowledge(self, link: str) -> dict[str, Any]:
        """Do what the page behind *link* of a message does when somebody takes the alert."""
        url, _, fingerprint = link.partition("?fp=")
        body = {"fp": fingerprint, "author": "ann", "comment": "on it"}
        return _ask(url, self._ack_token, body)

    def _wait_until_all_are_known(self) -> None:
        query = "bot:bot_turns:rate5m > 0"
        wait_until(
            lambda: len(self.prometheus.instant(query)) == len(self._bots),
            seconds=SECONDS,
            what="Prometheus knows the turns of all bots",
        )

    def _exporter(self) -> Exporter:
        settings = SETTINGS.format(folder=self._secrets)
        bots = (BOT.format(name=name, silence=SILENCE_SECONDS) for name in self._bots)
        (self._folder / "exporter").mkdir()
        return Exporter(self._folder / "exporter", settings=settings + "".join(bots))

    def _token(self, scope: str) -> str:
        command = [sys.executable, "-m", "exporter", "token", "create", f"--name={scope}"]
        options = [f"--scope={scope}", f"--storage.path={self.exporter.storage}"]
        done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def _alertmanager(self) -> Alertmanager:
        for path, text in alertmanager_files(self._site()).items():
            file = self._folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(faster(text, FACTOR) if path.endswith(".yml") else text)
        config = self._folder / "alertmanager" / "alertmanager.yml"
        return Alertmanager(self._pair, self._folder / "alertmanager-run", config)

    def _site(self) -> Site:
        site = full_site(
            self._secrets,
            self._pair.name,  # type: ignore[arg-type]  # the names are the profiles
            address=self.fakes.address,
            mail=self.fakes.mail_address,
        )
        alerting = replace(
            always_awake(site.alerting),
            exporter_url=f"http://127.0.0.1:{self.exporter.web_port}",
            ack_url=f"http://127.0.0.1:{self.exporter.ingest_port}",
        )
        return replace(site, alerting=alerting)

    def _prometheus(self) -> Prometheus:
        folder = self._folder / "prometheus"
        prometheus = Prometheus(
            self._pair.prometheus,
            folder,
            target_port=self.exporter.web_port,
            flags=(*FLAGS, f"{RESEND}={self._resend}"),
        )
        addresses = {
            EXPORTER: f"127.0.0.1:{self.exporter.web_port}",
            ALERTMANAGER: f"127.0.0.1:{self.alertmanager.port}",
            PROMETHEUS: f"127.0.0.1:{prometheus.port}",
        }
        prometheus.configure(prometheus_config(addresses))
        return prometheus

    def _load_rules(self) -> None:
        """Give Prometheus its rules once it scrapes: targets take 5 s, whatever the factor."""
        self.prometheus.wait_for_scrape(after=0)
        folder = self._folder / "prometheus" / "rules"
        folder.mkdir()
        for file in (SHIPPED / "rules").glob("*.yml"):
            (folder / file.name).write_text(faster(file.read_text(), FACTOR))
        self.prometheus.reload()


def _ask(url: str, token: str, body: object = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - ditto
        found: dict[str, Any] = json.load(answer)
    return found
