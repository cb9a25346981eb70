"""Whatever a file holds, it is a configuration or a `ConfigError` (reliability F20)."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.config.load import load_config
from exporter.config.model import Config
from exporter.config.reference import example_config
from exporter.model.errors import ConfigError

FILES = 500
BATCHES = 10
OWN = """\
catalog:
  events:
    - name: order_shipped
      description: A parcel left the warehouse.
      fields:
        - {name: carrier, type: string, description: Who., choices: [dhl, ups], required: true}
        - {name: weight_kg, type: number, description: Weight., minimum: 0, maximum: 1e3}
  labels: [{name: carrier, description: Parcel service., limit: 10}]
  metrics:
    - name: shop_weight
      type: histogram
      description: Weights.
      event: order_shipped
      labels: [bot, carrier]
      value: weight_kg
      buckets: [1, 5, 10]
      when: [{field: carrier, op: eq, value: dhl}]
bots:
  - {name: shop, platforms: [web], expected_silence_seconds: 1h}
limits: {labels: {carrier: 5}, metrics: {shop_weight: 50}}
"""
STARTS = (example_config(), OWN)
TOKENS = (
    *("{", "}", "[", "]", ":", ": ", "- ", "#", "&a ", "*a", "!x ", "|", ">", "'", '"', "\n"),
    *("\t", "  ", "~", "null", "true", "-1", "0", "1e999", ".nan", "9" * 400, "<<", "? ", "---\n"),
    *("\x00", "\x85", "\u2028", "é", "%", "@", "${HOME}", "1h", "64MiB", "!!binary ", "_other"),
)


def _insert(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(TOKENS) + text[place:]


def _delete(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    return text[:place] + text[place + chance.randrange(1, 9) :]


def _truncate(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text))]


def _swap_lines(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return "\n".join(lines)


def _repeat_line(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    return "\n".join(lines)


def _replace_value(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    place = chance.randrange(len(lines))
    lines[place] = lines[place].partition(":")[0] + ": " + chance.choice(TOKENS)
    return "\n".join(lines)


MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (
    *(_insert, _delete, _truncate, _swap_lines, _repeat_line, _replace_value),
)


def mutated(seed: int) -> str:
    """Return a file with one to four random wounds."""
    chance = random.Random(seed)
    text = chance.choice(STARTS)
    for _ in range(chance.randrange(1, 5)):
        text = chance.choice(MUTATIONS)(text or "a", chance)
    return text


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_mutated_file_is_a_configuration_or_a_config_error(batch: int, tmp_path: Path) -> None:
    """Never another exception, and every problem says where it is."""
    for seed in range(batch, FILES, BATCHES):
        file = tmp_path / f"{seed}.yml"
        file.write_text(mutated(seed), encoding="utf-8")
        try:
            config = load_config(file, environ={}, overrides={})
        except ConfigError as error:
            assert all(problem.file == str(file) for problem in error.problems), seed  # noqa: PT017
        else:
            assert isinstance(config, Config), seed


def test_the_files_before_the_wounds_are_sound(tmp_path: Path) -> None:
    """Otherwise the mutations would prove nothing."""
    for text in STARTS:
        file = tmp_path / "sound.yml"
        file.write_text(text, encoding="utf-8")
        assert isinstance(load_config(file, environ={}, overrides={}), Config)
