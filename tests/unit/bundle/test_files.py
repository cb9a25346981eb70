"""Every generated file says so, and is what its readers expect."""

import json
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from exporter.bundle.files import MARK, files
from exporter.catalog.rules import RULE_FILES
from exporter.config.load import load_config
from exporter.config.model import Config

OPENAPI = "docs/reference/openapi.json"
FILES = files({OPENAPI: {"openapi": "3.1.0"}})


def test_the_list_of_files_is_complete() -> None:
    """A file that disappears from here would go stale on disk."""
    assert {
        "docs/reference/metrics.md",
        "docs/reference/events.md",
        "docs/reference/events.schema.json",
        "docs/reference/configuration.md",
        "docs/reference/config.schema.json",
        "docs/reference/bot-exporter.example.yml",
        OPENAPI,
        "alertmanager/alertmanager.yml",
        "alertmanager/templates/bot_exporter.tmpl",
        "alertmanager/templates/site.tmpl",
        "docs/reference/site.md",
        "docs/reference/site.schema.json",
        "docs/reference/site.example.yml",
        "prometheus/thresholds.yml",
        "prometheus/rules/slo.yml",
        *(f"prometheus/rules/{file.name}.yml" for file in RULE_FILES),
    } == set(FILES)


def test_every_file_says_that_it_is_generated() -> None:
    """Nobody edits it and loses the edit."""
    # In JSON the mark stands on the line below the bracket.
    assert all(MARK in "".join(text.splitlines()[:2]) for text in FILES.values())


def test_the_schemas_are_json_schemas() -> None:
    """Editors and validators take them as they are."""
    for path in ("events.schema.json", "config.schema.json", "site.schema.json"):
        Draft202012Validator.check_schema(json.loads(FILES[f"docs/reference/{path}"]))


def test_documents_of_other_packages_are_passed_through() -> None:
    """What the ingest package describes is written next to the rest."""
    assert "3.1.0" == json.loads(FILES[OPENAPI])["openapi"]


def test_the_example_configuration_is_the_default(tmp_path: Path) -> None:
    """Who starts from the example changes nothing until a value is changed."""
    file = tmp_path / "bot-exporter.yml"
    file.write_text(FILES["docs/reference/bot-exporter.example.yml"], encoding="utf-8")

    assert Config() == load_config(file, environ={}, overrides={})
    assert yaml.safe_load(file.read_text(encoding="utf-8"))


def test_generating_twice_gives_the_same_bytes() -> None:
    """A check on another machine must not fail for its dictionaries."""
    assert FILES == files({OPENAPI: {"openapi": "3.1.0"}})
