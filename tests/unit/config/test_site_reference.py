"""What is derived from the model of a site: `exporter.config.site_reference`."""

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from exporter.config.keys import Key, keys_of, section_docs
from exporter.config.site_load import SHAPE, default_site, load_site
from exporter.config.site_reference import example_site, site_reference, site_schema

SCHEMA = Draft202012Validator(site_schema())
KEYS = keys_of(SHAPE)
FILES = ("catalog.files", "slo_files")  # Their examples name files that are not there.
EXAMPLES = [key for key in KEYS if "examples" in key.schema and key.name not in FILES]


def test_the_example_file_sets_every_key_to_its_default(tmp_path: Path) -> None:
    """A person can start from it and change one line."""
    file = tmp_path / "site.yml"
    file.write_text(example_site(), encoding="utf-8")

    assert default_site() == load_site(file)
    assert all(f"{key.path[-1]}: " in example_site() for key in KEYS)


@pytest.mark.parametrize("key", EXAMPLES, ids=lambda key: key.name)
def test_what_the_example_file_suggests_is_accepted(key: Key, tmp_path: Path) -> None:
    """A commented example works when its line is uncommented."""
    [line] = [line for line in example_site().splitlines() if f"Example: {key.path[-1]}:" in line]
    sections = [f"{'  ' * depth}{name}:" for depth, name in enumerate(key.path[:-1])]
    file = tmp_path / "site.yml"
    file.write_text("\n".join([*sections, line.replace("# Example: ", "")]), encoding="utf-8")

    assert load_site(file).site is not None


def test_the_schema_takes_what_we_take() -> None:
    """Editors check with it."""
    Draft202012Validator.check_schema(site_schema())

    assert SCHEMA.is_valid(yaml.safe_load(example_site()))
    assert SCHEMA.is_valid({"bots": {"shop": {"thresholds": {"error_ratio": 0.1}}}})
    assert not SCHEMA.is_valid({"bots": {"shop": {"threshold": {}}}})
    assert not SCHEMA.is_valid({"slos": [{"name": "a"}]})


def test_every_key_is_documented() -> None:
    """A row, a type and a sentence each, those of entries included."""
    rows = [line.split(" | ") for line in site_reference().splitlines()[2:]]

    assert [] == [row[0] for row in rows if not row[1].strip() or not row[3].strip(" |")]
    keys = [row[0] for row in rows]
    assert {"| `slos[].bad.metric`", "| `bots.*.thresholds`", "| `slo_files`"} < set(keys)
    assert all(text.endswith(".") for text in section_docs(SHAPE).values())
