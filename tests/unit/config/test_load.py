"""Defaults < file < environment < command line: `exporter.config.load`."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from exporter.catalog.builtin import CATALOG
from exporter.catalog.extend import build
from exporter.config.load import load_config
from exporter.config.model import Bot, Config
from exporter.model.errors import ConfigError
from tests.unit.catalog.cases import Case

from .load_cases import LOAD_CASES

Write = Callable[..., Path]
OWN = """\
events:
  - {name: order_shipped, description: A parcel left.}
metrics:
  - {name: shop_orders_total, type: counter, description: Orders., event: order_shipped}
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a file next to the configuration."""

    def _write(text: str, name: str = "bot-exporter.yml") -> Path:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return _write


def load(file: Path | None, environ: Mapping[str, str] | None = None, **flags: object) -> Config:
    """Return the configuration; a flag's dots are written as two underscores."""
    overrides = {name.replace("__", "."): value for name, value in flags.items()}
    return load_config(file, environ=environ or {}, overrides=overrides)


@pytest.mark.parametrize("case", LOAD_CASES, ids=lambda case: case.name)
def test_a_mistake_is_reported_with_its_place_and_remedy(case: Case, write: Write) -> None:
    """The right file is taken; the wrong one is one problem with file, line and path."""
    load(write(case.right))
    file = write(case.wrong)
    with pytest.raises(ConfigError) as refused:
        load(file)

    [message] = map(str, refused.value.problems)
    assert message.startswith(f"{file}:{case.line}: {case.path}: ")
    assert case.remedy in message


def test_without_anything_the_defaults_hold() -> None:
    """The exporter runs without a file."""
    config = load(None)

    assert Config() == config
    assert ("127.0.0.1:10350", 10 * 2**20) == (
        config.ingest.listen_address,
        config.ingest.max_body_bytes,
    )
    assert Path("data/pseudonym.key") == config.key_file


@pytest.mark.parametrize("text", ["", "# nothing", "storage:\nlimits:\n  labels:\nbots:\n", "{}"])
def test_what_is_left_empty_has_its_default(text: str, write: Write) -> None:
    """A section whose keys are all commented out is no mistake."""
    assert Config() == load(write(text))


def test_each_layer_wins_over_the_one_before(write: Write) -> None:
    """Defaults, then the file, then the environment, then the command line."""
    file = write("log: {snapshot_events: 2, segment_seconds: 2, max_bytes: 2GiB}")
    environ = {"BOT_EXPORTER_LOG_SEGMENT_SECONDS": "3h", "BOT_EXPORTER_LOG_MAX_BYTES": "3GiB"}

    log = load(file, environ, log__max_bytes="4GiB", log__snapshot_seconds=None).log

    assert (60, 2, 3 * 3600, 4 * 2**30) == (
        log.snapshot_seconds,
        log.snapshot_events,
        log.segment_seconds,
        log.max_bytes,
    )


def test_lists_and_mappings_become_values(write: Write) -> None:
    """A bot, its silence and the limits arrive as typed values."""
    config = load(
        write("""
bots:
  - {name: shop, platforms: [web, voice], expected_silence_seconds: 1h}
  - name: faq
limits: {labels: {intent: 7}, metrics: {bot_intents_total: 8}}
privacy: {shared_namespaces: {all: [shop, faq]}}
""")
    )

    shop = Bot(name="shop", platforms=("web", "voice"), expected_silence_seconds=3600.0)
    assert (shop, Bot(name="faq")) == config.bots
    assert ({"intent": 7}, {"bot_intents_total": 8}) == (
        config.limits.labels,
        config.limits.metrics,
    )
    assert {"all": ("shop", "faq")} == config.privacy.shared_namespaces


def test_file_names_in_the_file_are_relative_to_it(write: Write, tmp_path: Path) -> None:
    """Except the storage path, and except names that come from the environment."""
    file = write("web: {config_file: web.yml}\nprivacy: {key_file: key}\nstorage: {path: data}")

    config = load(file, {"BOT_EXPORTER_PRIVACY_KEY_FILE": "other/key"})

    assert str(tmp_path / "web.yml") == config.web.config_file
    assert ("data", "other/key") == (config.storage.path, config.privacy.key_file)


def test_own_events_come_from_files_and_from_the_configuration(write: Write) -> None:
    """Both are one extension, which the configuration carries along."""
    write(OWN, "own.yml")
    file = write("""
limits: {metrics: {shop_orders_total: 5, shop_wishes_total: 5}}
catalog:
  files: [own.yml]
  events: [{name: wish, description: A wish.}]
  metrics: [{name: shop_wishes_total, type: counter, description: W., event: wish}]
""")

    config = load(file)
    catalog = build(CATALOG, config.catalog)

    assert {"wish", "order_shipped"} == set(catalog.by_event) - set(CATALOG.by_event)
    assert {"shop_wishes_total", "shop_orders_total"} == set(catalog.by_metric) - set(
        CATALOG.by_metric
    )


def test_a_mistake_in_an_own_file_has_the_place_in_that_file(write: Write) -> None:
    """The line is the line of the file that holds the mistake."""
    own = write(OWN.replace("event: order", "event: oder"), "own.yml")

    with pytest.raises(ConfigError) as refused:
        load(write("catalog: {files: [own.yml]}"))

    [problem] = refused.value.problems
    assert (str(own), 4, "metrics[0].event") == (problem.file, problem.line, problem.path)


def test_every_mistake_is_reported_at_once(write: Write) -> None:
    """File, own file, environment, secret file and command line, in one error."""
    write("events: [{name: goal, description: D.}]", "own.yml")
    write("a: [", "broken.yml")
    file = write("""\
storage: 5
web: {listen_adress: ':1'}
web: {}
limits: {labels: {intnt: 1}}
bots: [{name: a b}, {name: b, platforms: [Web]}]
catalog: {files: [own.yml, broken.yml, missing.yml], events: [{nam: x}]}
ingest: {header_timeout_seconds: 5m}
""")
    environ = {
        "BOT_EXPORTER_LOGGING_LEVEL": "loud",
        "BOT_EXPORTER_STORAGE": "x",
        "BOT_EXPORTER_LOG_MAX_BYTES_FILE": "missing",
    }

    with pytest.raises(ConfigError) as refused:
        load(file, environ, web__listen_address="nowhere", log__level="info")

    where = sorted((Path(p.file).name, p.line, p.path) for p in refused.value.problems)
    assert [
        ("BOT_EXPORTER_LOGGING_LEVEL", 0, "logging.level"),
        ("BOT_EXPORTER_LOG_MAX_BYTES_FILE", 0, "log.max_bytes"),
        ("BOT_EXPORTER_STORAGE", 0, ""),
        ("bot-exporter.yml", 1, "storage"),
        ("bot-exporter.yml", 2, "web.listen_adress"),
        ("bot-exporter.yml", 3, "web"),
        ("bot-exporter.yml", 4, "limits.labels.intnt"),
        ("bot-exporter.yml", 5, "bots[0].name"),
        ("bot-exporter.yml", 5, "bots[1].platforms[0]"),
        ("bot-exporter.yml", 6, "catalog.events[0]"),
        ("bot-exporter.yml", 6, "catalog.events[0]"),
        ("bot-exporter.yml", 6, "catalog.events[0].nam"),
        ("bot-exporter.yml", 6, "catalog.files[2]"),
        ("bot-exporter.yml", 7, "ingest.header_timeout_seconds"),
        ("broken.yml", 2, ""),
        ("command line", 0, "log.level"),
        ("command line", 0, "web.listen_address"),
        ("own.yml", 1, "events[0].name"),
    ] == where


def test_a_file_that_cannot_be_read_is_named(write: Write, tmp_path: Path) -> None:
    """Missing, a folder, no UTF-8, a pipe: each has its message, none a traceback."""
    latin = write("", "latin.yml")
    latin.write_bytes(b"storage:\n  path: caf\xe9\n")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    for file, message in {
        tmp_path / "missing.yml": "missing.yml: does not exist; check its name",
        tmp_path: "is not a file; check its name",
        pipe: "pipe: is not a file; check its name",
        latin: "latin.yml:2: holds bytes that are no UTF-8; save it as UTF-8",
        tmp_path / ("x" * 300): "cannot be read (File name too long); check its permissions",
    }.items():
        with pytest.raises(ConfigError) as refused:
            load(file)
        assert message in str(refused.value)


def test_a_byte_order_mark_is_no_mistake(write: Write) -> None:
    """Some editors write one."""
    assert "x" == load(write("\ufeffstorage: {path: x}")).storage.path


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("storage.pth", "x", "unknown key; did you mean 'storage.path'?"),
        ("log.segment_seconds", float("nan"), "'nan' is no duration"),
        ("log.max_bytes", "1 apple", "is no size; write 64MiB"),
        ("bots", ["a"], "bots[0]: expected a mapping"),
        ("web.enable_lifecycle", object, "expected true or false"),
    ],
)
def test_a_wrong_flag_is_named(name: str, value: object, message: str) -> None:
    """The command line is checked like the file."""
    with pytest.raises(ConfigError) as refused:
        load_config(None, environ={}, overrides={name: value})

    assert str(refused.value).startswith("command line: ")
    assert message in str(refused.value)


def test_flags_may_hold_what_yaml_holds() -> None:
    """Texts are read like variables; lists and mappings are taken as they are."""
    config = load(
        None, bots=({"name": "a"},), limits__labels={"intent": 5}, web__enable_lifecycle="FALSE"
    )

    assert ((Bot(name="a"),), {"intent": 5}, False) == (
        config.bots,
        config.limits.labels,
        config.web.enable_lifecycle,
    )
