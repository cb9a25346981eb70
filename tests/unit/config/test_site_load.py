"""A site's file, checked with everything it names: `exporter.config.site_load`."""

from pathlib import Path

import pytest

from exporter.config.site import Site
from exporter.config.site_load import LoadedSite, default_site, load_site
from exporter.model.errors import ConfigError
from tests.unit.catalog.cases import Case

OWN = """\
slos:
  - name: checkout
    description: A payment goes through.
    target: 0.99
    bad: {metric: bot_integration_call_failures_total}
    total: {metric: bot_integration_calls_total}
"""


def one(name: str, *, good: str, bad: str, path: str, remedy: str) -> Case:
    """Return a case of one wrong line."""
    return Case(name=name, good=good, bad=f"{bad}  # <-", path=path, remedy=remedy)


CASES = [
    one(
        "unknown key",
        good="thresholds: {error_ratio: 0.1}",
        bad="treshholds: {error_ratio: 0.1}",
        path="treshholds",
        remedy="did you mean 'thresholds'?",
    ),
    one(
        "unknown threshold",
        good="thresholds: {error_ratio: 0.1}",
        bad="thresholds: {eror_ratio: 0.1}",
        path="thresholds.eror_ratio",
        remedy="did you mean 'error_ratio'?",
    ),
    one(
        "beyond the largest value",
        good="thresholds: {error_ratio: 1}",
        bad="thresholds: {error_ratio: 5}",
        path="thresholds.error_ratio",
        remedy="write at least 0 and at most 1",
    ),
    one(
        "below the smallest value",
        good="thresholds: {slo_bad_events: 1}",
        bad="thresholds: {slo_bad_events: 0.5}",
        path="thresholds.slo_bad_events",
        remedy="write at least 1 and at most 1000",
    ),
    one(
        "between two buckets",
        good="thresholds: {response_p95_seconds: 5}",
        bad="thresholds: {response_p95_seconds: 3}",
        path="thresholds.response_p95_seconds",
        remedy="write one of: 0.1, 0.25, 0.5, 1, 2, 5, 10, 30",
    ),
    one(
        "beyond what a quantile can say",
        good="thresholds: {response_p95_seconds: 30}",
        bad="thresholds: {response_p95_seconds: 60}",
        path="thresholds.response_p95_seconds",
        remedy="write one of: 0.1, 0.25, 0.5, 1, 2, 5, 10, 30",
    ),
    one(
        "a text for a number",
        good="thresholds: {error_ratio: 0.1}",
        bad="thresholds: {error_ratio: 10%}",
        path="thresholds.error_ratio",
        remedy="expected a number",
    ),
    one(
        "a bot between two buckets",
        good="bots: {shop: {thresholds: {response_p95_seconds: 5}}}",
        bad="bots: {shop: {thresholds: {response_p95_seconds: 3}}}",
        path="bots.shop.thresholds.response_p95_seconds",
        remedy="write one of: 0.1",
    ),
    one(
        "a bot with what only all can have",
        good="thresholds: {slo_bad_events: 5}",
        bad="bots: {shop: {thresholds: {slo_bad_events: 5}}}",
        path="bots.shop.thresholds.slo_bad_events",
        remedy="set it under `thresholds` for all",
    ),
    one(
        "a name no bot can have",
        good='bots: {"shop.de": {}}',
        bad='bots: {"shop de": {}}',
        path="bots",
        remedy="write something like shop-bot",
    ),
    one(
        "an objective that is not shipped",
        good="without_slos: [response]",
        bad="without_slos: [respons]",
        path="without_slos[0]",
        remedy="did you mean 'response'?",
    ),
    one(
        "a file that does not exist",
        good="slo_files: []",
        bad="slo_files: [missing.yml]",
        path="slo_files[0]",
        remedy="does not exist; check its name",
    ),
    one(
        "a file twice",
        good="slo_files: [own.yml]",
        bad="slo_files: [own.yml, own.yml]",
        path="slo_files[1]",
        remedy="remove one",
    ),
    one(
        "a file without a name",
        good="catalog: {files: []}",
        bad='catalog: {files: [""]}',
        path="catalog.files[0]",
        remedy="name a file or remove the entry",
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a file of objectives."""
    (tmp_path / "own.yml").write_text(OWN, encoding="utf-8")
    return tmp_path


def load(folder: Path, text: str) -> LoadedSite:
    """Return the site that *text* describes."""
    file = folder / "site.yml"
    file.write_text(text, encoding="utf-8")
    return load_site(file)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_reported_with_its_place_and_remedy(case: Case, folder: Path) -> None:
    """The right file is taken; the wrong one is one problem with file, line and path."""
    load(folder, case.right)

    with pytest.raises(ConfigError) as refused:
        load(folder, case.wrong)

    [message] = map(str, refused.value.problems)
    assert message.startswith(f"{folder / 'site.yml'}:{case.line}: {case.path}: ")
    assert case.remedy in message


@pytest.mark.parametrize("text", ["", "# nothing", "thresholds:\nbots:\nslos:\n", "{}"])
def test_an_empty_file_changes_nothing(text: str, folder: Path) -> None:
    """A section whose keys are all commented out is no mistake."""
    assert default_site() == load(folder, text)


def test_every_mistake_is_reported_at_once(folder: Path) -> None:
    """Wrong numbers, objectives and files need one round of corrections."""
    (folder / "broken.yml").write_text("slos: [{name: a}]\n", encoding="utf-8")
    text = """\
thresholds: {error_ratio: 2}
bots: {shop: {thresholds: {nothing: 1}}}
without_slos: [uptime]
slo_files: [broken.yml]
slos:
  - name: tone
    description: Users are glad.
    target: 0.5
    bad: {metric: bot_csat, at_most: 2}
    total: {metric: bot_csat_score}
"""

    with pytest.raises(ConfigError) as refused:
        load(folder, text)

    assert [
        ("broken.yml", 1, "slos[0]"),
        ("broken.yml", 1, "slos[0]"),
        ("broken.yml", 1, "slos[0]"),
        ("site.yml", 1, "thresholds.error_ratio"),
        ("site.yml", 2, "bots.shop.thresholds.nothing"),
        ("site.yml", 3, "without_slos[0]"),
        ("site.yml", 8, "slos[0].target"),
        ("site.yml", 9, "slos[0].bad.metric"),
    ] == [(Path(p.file).name, p.line, p.path) for p in refused.value.problems]


def test_own_objectives_join_the_shipped_ones(folder: Path) -> None:
    """In files beside the site's file, or in it."""
    inline = OWN.replace("checkout", "crm")

    loaded = load(folder, f"slo_files: [own.yml]\n{inline}")

    assert ["availability", "response", "crm", "checkout"] == [slo.name for slo in loaded.slos]


def test_an_own_objective_replaces_the_shipped_one_of_its_name(folder: Path) -> None:
    """An upgrade does not bring the old target back."""
    loaded = load(folder, OWN.replace("checkout", "availability") + "without_slos: [response]\n")

    [slo] = loaded.slos
    assert ("availability", 0.99) == (slo.name, slo.target)


def test_objectives_may_count_own_events(folder: Path) -> None:
    """With the same files that the exporter reads."""
    (folder / "events.yml").write_text(
        """
events: [{name: order_shipped, description: A parcel left.}]
metrics:
  - {name: shop_orders_total, type: counter, description: O., event: order_shipped, labels: [bot]}
""",
        encoding="utf-8",
    )
    slos = OWN.replace("bot_integration_calls_total", "shop_orders_total")

    loaded = load(folder, f"catalog: {{files: [events.yml]}}\n{slos}")

    assert "shop_orders_total" == loaded.slos[-1].total.series
    assert Site() != loaded.site
