"""What is derived from the model: `exporter.config.reference`."""

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from exporter.config.keys import KEYS, Key, section_docs
from exporter.config.load import load_config
from exporter.config.model import Config
from exporter.config.reference import config_reference, config_schema, example_config

SCHEMA = Draft202012Validator(config_schema())


def test_the_example_file_sets_every_key_to_its_default(tmp_path: Path) -> None:
    """A person can start from it and change one line."""
    file = tmp_path / "example.yml"
    file.write_text(example_config(), encoding="utf-8")

    assert Config() == load_config(file, environ={}, overrides={})
    for key in KEYS:
        assert f"{key.path[-1]}: " in example_config()


EXAMPLES = [key for key in KEYS if "examples" in key.schema and key.name != "catalog.files"]


@pytest.mark.parametrize("key", EXAMPLES, ids=lambda key: key.name)
def test_what_the_example_file_suggests_is_accepted(key: Key, tmp_path: Path) -> None:
    """A commented example works when its line is uncommented."""
    [line] = [line for line in example_config().splitlines() if f"Example: {key.path[-1]}:" in line]
    sections = [f"{section}:" for section in key.path[:-1]]
    file = tmp_path / "example.yml"
    file.write_text("\n".join([*sections, line.replace("# Example: ", "")]), encoding="utf-8")

    assert Config() != load_config(file, environ={}, overrides={})


def test_the_schema_is_a_schema_and_takes_what_we_take() -> None:
    """Editors check with it: units are accepted, unknown keys are not."""
    Draft202012Validator.check_schema(config_schema())

    assert SCHEMA.is_valid(yaml.safe_load(example_config()))
    assert SCHEMA.is_valid({"log": {"max_bytes": 2**30}, "bots": [{"name": "a"}]})
    assert not SCHEMA.is_valid({"log": {"max_bytes": "a lot"}})
    assert not SCHEMA.is_valid({"log": {"max_byte": 1}})
    assert not SCHEMA.is_valid({"bots": [{"name": "a b"}]})


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_every_key_is_documented(key: Key) -> None:
    """A key has a meaning, a row in the reference and, if scalar, a variable there."""
    [row] = [line for line in config_reference().splitlines() if f"| `{key.name}` |" in line]

    assert key.description.endswith(".")
    assert (f"`{key.variable}`" in row) is key.is_scalar


def test_every_section_says_what_it_is_about() -> None:
    """The example file opens each section with its purpose."""
    assert all(text.endswith(".") for text in section_docs().values())
    assert "ingest.rate_limit" in section_docs()


def test_the_reference_shows_defaults_as_people_write_them() -> None:
    """Sizes and durations carry units; entries of lists have rows of their own."""
    table = config_reference()

    assert "| `ingest.max_body_bytes` | size | `10MiB` |" in table
    assert "| `dedupe.retention_seconds` | duration | `8d` |" in table
    assert "| `catalog.metrics[].when[].op` | `eq`, `ge`, `gt`" in table
    assert {8} == {line.replace("\\|", "").count("|") + 1 for line in table.splitlines()}
