"""What an operator may write about checks, and the remedy for what is wrong."""

from pathlib import Path

import pytest

from exporter.config.load import load_config
from exporter.config.model import Config
from exporter.config.probe_files import read_probe_files
from exporter.config.probe_regex import compile_pattern
from exporter.model.errors import ConfigError
from exporter.model.json_path import MISSING, look_up, parse_json_path

URL = "http://shop.example/"
HTTP = f"name: a, target: '{URL}'"

# What stands below `checks`, and a part of what is said about it.
WRONG = [
    (f"{{{HTTP}}}", "no kind of check is given; write exactly one"),
    (f"{{{HTTP}, http: {{}}, tcp: {{}}}}", "http and tcp are given"),
    ("{name: a, http: {}}", "give a target or a target_file"),
    ("{name: a, target: 'ftp://x/', http: {}}", "is no URL; write https://host/path"),
    ("{name: a, target: 'http://u:p@x/', http: {}}", "put them into header_files"),
    ("{name: a, target: 'x', tcp: {}}", "write host:port"),
    ("{name: A, target: 'x:1', tcp: {}}", "does not match"),
    (f"{{{HTTP}, http: {{}}}}, {{{HTTP}, http: {{}}}}", "is there twice"),
    (f"{{{HTTP}, http: {{}}, timeout_seconds: 61}}", "longer than interval_seconds"),
    (f"{{{HTTP}, http: {{}}, timeout_seconds: 30, retries: 2}}", "longer than interval_seconds"),
    (f"{{{HTTP}, http: {{}}, slow_seconds: 10}}", "is not below the time"),
    (f"{{{HTTP}, http: {{}}, bot: nobody}}", "no bot of this name"),
    (f"{{{HTTP}, http: {{}}, depends_on: [b]}}", "there is no such check"),
    (f"{{{HTTP}, http: {{}}, depends_on: [a]}}", "depends on 'a' in turn"),
    (f"{{{HTTP}, http: {{matches: ['(']}}}}", "is no expression of RE2"),
    (f"{{{HTTP}, http: {{matches: ['(?=x)']}}}}", "is no expression of RE2"),
    (f"{{{HTTP}, http: {{body: x, body_file: y}}}}", "remove one"),
    (f"{{{HTTP}, http: {{headers: {{A: b}}, header_files: {{a: c}}}}}}", "remove one"),
    (f'{{{HTTP}, http: {{headers: {{A: "b\\r\\nc"}}}}}}', "does not match"),
    (f"{{{HTTP}, http: {{headers: {{'A B': c}}}}}}", "A B"),
    (f"{{{HTTP}, http: {{json: [{{path: 'a..b', value: 1}}]}}}}", "is no path"),
    (f"{{{HTTP}, http: {{json: [{{path: a}}]}}}}", "takes no value"),
    (f"{{{HTTP}, http: {{redirects: 6}}}}", "at most"),
    ("{name: a, target: '192.0.2.1', dns: {}}", "'name' is missing"),
    ("{name: a, heartbeat: {}}", "set bot"),
    ("{name: a, bot: shop-bot, heartbeat: {event: nonsense}}", "no such event type"),
    ("{name: a, target: 'x:1', bot: shop-bot, heartbeat: {}}", "has no target"),
    (f"{{{HTTP}, webhook: {{}}}}", "set probes.callback_url"),
    ("{name: a, conversation: {steps: [{url: 'x'}]}}", "is no URL"),
    ("{name: a, conversation: {steps: [{url: 'http://x/{{b}}'}]}}", "no step before saves 'b'"),
    ("{name: a, conversation: {steps: [{url: 'http://x/', save: {b: ']'}}]}}", "is no path"),
]


def load(tmp_path: Path, section: str) -> Config:
    """Return the configuration with *section* below ``probes``."""
    file = tmp_path / "c.yml"
    file.write_text(f"bots: [{{name: shop-bot}}]\nprobes: {{{section}}}\n")
    return load_config(file, environ={}, overrides={})


@pytest.mark.parametrize(("checks", "message"), WRONG)
def test_a_wrong_check_is_refused_with_a_remedy(tmp_path: Path, checks: str, message: str) -> None:
    """Every mistake is found before the exporter starts."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f"checks: [{checks}]")

    assert message in str(caught.value)


@pytest.mark.parametrize("section", ["allow: [nonsense]", "allow: ['x:0']", "callback_url: x"])
def test_a_wrong_setting_for_all_is_refused(tmp_path: Path, section: str) -> None:
    """The allow-list opens what it says, or nothing starts."""
    with pytest.raises(ConfigError):
        load(tmp_path, section)


def test_more_hanging_checks_than_slots_are_refused(tmp_path: Path) -> None:
    """When every target hangs at once, the plan must hold all the same."""
    checks = ", ".join(
        f"{{name: p{i}, target: 'x:1', tcp: {{}}, timeout_seconds: 60}}" for i in range(3)
    )

    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f"concurrency: 2, checks: [{checks}]")

    assert "3 runs go on at once" in str(caught.value)


def test_names_of_files_are_relative_to_the_configuration(tmp_path: Path) -> None:
    """Also those deep inside a check."""
    (tmp_path / "key").write_text("sesame\n")
    (tmp_path / "key").chmod(0o600)
    text = f"{{{HTTP}, http: {{header_files: {{X-Key: key}}, tls: {{ca_file: ca}}}}}}"
    config = load(tmp_path, f"checks: [{text}]")

    http = config.probes.checks[0].http
    assert http is not None
    assert str(tmp_path / "ca") == http.tls.ca_file
    assert {str(tmp_path / "key"): "sesame"} == read_probe_files(config.probes)


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """So is a target in a file that is none; its text is never shown."""
    (tmp_path / "open").write_text("http://shop.example/sesame")
    (tmp_path / "bad").write_text("sesame")
    (tmp_path / "bad").chmod(0o600)
    checks = "{name: a, target_file: open, http: {}}, {name: b, target_file: bad, http: {}}"
    config = load(tmp_path, f"checks: [{checks}]")

    with pytest.raises(ConfigError) as caught:
        read_probe_files(config.probes)

    assert "chmod 600" in str(caught.value)
    assert "holds no target" in str(caught.value)
    assert "sesame" not in str(caught.value)


def test_without_the_library_expressions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install."""
    monkeypatch.setattr("exporter.config.probe_regex.re2", None)

    with pytest.raises(ValueError, match=r"install bot-exporter\[probes\]"):
        compile_pattern("a")


def test_a_path_names_one_value() -> None:
    """Keys and indexes; what is not there is told from null."""
    document = {"a": {"b-c": [1, {"d": None}]}, "": 0}

    assert None is look_up(document, parse_json_path("a.b-c[1].d"))
    assert 1 == look_up(document, parse_json_path("a.b-c[0]"))
    for path in ("x", "a.b-c[2]", "a[0]", "a.b-c.0", "a.b-c[0].d"):
        assert look_up(document, parse_json_path(path)) is MISSING


BAD_PATHS = ["", ".", "a.", "a[", "a[-1]", "a[x]", "a..b", "a b", "__import__()"]


@pytest.mark.parametrize("text", BAD_PATHS)
def test_what_is_no_path_is_refused(text: str) -> None:
    """Nothing is computed."""
    with pytest.raises(ValueError, match="path"):
        parse_json_path(text)


def test_nothing_is_checked_by_default() -> None:
    """Without configuration nothing is asked of anybody."""
    assert () == Config().probes.checks
