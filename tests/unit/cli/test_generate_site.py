"""`bot-exporter generate --config` writes the files of a site, and nothing of the checkout."""

from pathlib import Path

import pytest

from exporter.cli.generate import generated_files
from exporter.cli.main import main

SITE = "thresholds: {error_ratio: 0.1}\nbots: {shop: {thresholds: {error_ratio: 0.2}}}\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a site's file."""
    file = tmp_path / "site.yml"
    file.write_text(SITE, encoding="utf-8")
    return file


def generate(site: Path, output: Path, *flags: str) -> int:
    """Return the exit code of the command."""
    return main(["generate", "--config", str(site), "--output", str(output), *flags])


def test_it_says_what_it_wrote(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second run changes nothing, and a check agrees."""
    output = tmp_path / "site"

    assert 0 == generate(site, output)
    told = capsys.readouterr().out
    assert f"wrote {output}/prometheus/rules/slo.yml" in told
    assert f"wrote {output}/alertmanager/alertmanager.yml" in told
    assert 'vector(0.2), "bot", "shop"' in (output / "prometheus/rules/technical.yml").read_text()

    assert 0 == generate(site, output)
    assert "0 of them changed" in capsys.readouterr().out
    assert 0 == generate(site, output, "--check")


def test_a_check_writes_nothing_and_tells_what_is_stale(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the command that mends it."""
    output = tmp_path / "site"
    assert 1 == generate(site, output, "--check")
    assert not output.exists()
    generate(site, output)
    site.write_text(SITE.replace("0.2", "0.3"), encoding="utf-8")
    capsys.readouterr()

    assert 1 == generate(site, output, "--check")

    remedy = f"run `bot-exporter generate --config {site} --output {output}`"
    assert f"prometheus/rules/technical.yml: is stale; {remedy}" in capsys.readouterr().err


def test_files_of_the_checkout_are_never_overwritten(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor those that a person wrote."""
    checkout = tmp_path / "checkout"
    assert 0 == main(["generate", "--root", str(checkout)])
    before = {path: (checkout / path).read_bytes() for path in generated_files(checkout)}
    (tmp_path / "own/prometheus/rules").mkdir(parents=True)
    (tmp_path / "own/prometheus/rules/slo.yml").write_text("groups: []\n", encoding="utf-8")

    assert 1 == generate(site, checkout)
    assert "technical.yml: was not written by this command" in capsys.readouterr().err
    assert before == {path: (checkout / path).read_bytes() for path in before}
    assert 1 == generate(site, tmp_path / "own")
    assert ["slo.yml"] == [file.name for file in (tmp_path / "own").rglob("*.yml")]


def test_a_file_that_is_left_over_is_told(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prometheus would go on loading it."""
    output = tmp_path / "site"
    generate(site, output)
    rules = output / "prometheus/rules"
    (rules / "old.yml").write_text((rules / "slo.yml").read_text(), encoding="utf-8")
    capsys.readouterr()

    assert 0 == generate(site, output)

    assert f"{rules / 'old.yml'}: is not generated any more" in capsys.readouterr().err


def test_every_mistake_is_told_and_nothing_written(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half a site is nobody's site."""
    site.write_text("thresholds: {error_ratio: 7, nothing: 1}\n", encoding="utf-8")

    assert 1 == generate(site, tmp_path / "site")

    lines = capsys.readouterr().err.splitlines()
    assert 2 == len(lines)
    assert lines[0].startswith(f"{site}:1: thresholds.error_ratio: 7 is out of range")
    assert lines[1].startswith(f"{site}:1: thresholds.nothing: there is no such threshold")
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--config", "site.yml"],
        ["--output", "site"],
        ["--config", "site.yml", "--output", "site", "--release"],
    ],
    ids=" ".join,
)
def test_flags_that_do_not_go_together_are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder without a file would otherwise mean the checkout."""
    assert 2 == main(["generate", *words])
    assert "--config and --output go together" in capsys.readouterr().err
