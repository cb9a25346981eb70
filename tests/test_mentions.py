"""The finder of mentions finds what it should, and nothing in prose."""

from tests import mentions
from tests.mentions import Command

PAGE = """\
# First steps
Please make sure, then run `make run`. See [rules](prometheus/rules.md#burn-rates) and [us][1].

```sh
PYTHON=python3.12 make PYTHON=python3.12 test   # not make nonsense
.venv/bin/bot-exporter serve \\
  --storage.path=data --log.level debug | tee --append log.txt
cat exporter/model/units.py grafana/dashboards/*.json docker/compose
```

Set `--config.file`. [The site](https://example.org/a) is foreign.

## Burn rates, fast & slow
## Burn rates, fast & slow

[1]: LICENSE
"""


def test_make_targets_are_found_in_code_only() -> None:
    """Prose may make sense without naming a target."""
    assert {"run", "test"} == mentions.make_targets(PAGE.replace("# not make nonsense", ""))


def test_a_command_ends_at_a_pipe_and_goes_on_behind_a_backslash() -> None:
    """The flags of the next program are not ours."""
    assert {
        Command("serve", ("--storage.path", "--log.level")),
        Command("", ("--config.file",)),
    } == set(mentions.commands(PAGE))


def test_paths_are_those_below_the_named_folders() -> None:
    """Paths elsewhere belong to the reader."""
    found = mentions.paths(PAGE, folders=frozenset(("exporter", "grafana")))

    assert {"exporter/model/units.py", "grafana/dashboards/*.json"} == found


def test_links_to_other_sites_are_left_out() -> None:
    """We answer for our own pages."""
    assert {"prometheus/rules.md#burn-rates", "LICENSE"} == mentions.links(PAGE)


def test_anchors_are_numbered_when_a_heading_repeats() -> None:
    """Headings become anchors the way GitHub makes them."""
    assert {
        "first-steps",
        "burn-rates-fast--slow",
        "burn-rates-fast--slow-1",
    } == mentions.anchors(PAGE)
