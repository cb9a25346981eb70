"""The report shows medians, ranges, and whether a goal is met."""

from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.machine import Machine, filesystem, this_machine
from benchmarks.measure import Spread, ratio, spread
from benchmarks.published import published_section
from benchmarks.report import text
from benchmarks.scale import FULL, QUICK
from benchmarks.section import Goal, Section, table
from benchmarks.stalls import LongestGap

from .tables import tables_of

MACHINE = Machine(
    processor="Processor 1",
    cores=2,
    kernel="Linux 6",
    python="3.11",
    filesystem="ext4",
    sync_p50_ms=0.25,
    sync_p99_ms=2.0,
    load_before=0.0,
)
MOUNTS = """\
proc /proc proc rw 0 0
/dev/a / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/b /run/deep xfs rw 0 0
"""


def goal(figure: float, *, at_least: bool) -> Goal:
    """Return a goal of 4."""
    return Goal("what", spread([figure]), "x", 4, at_least=at_least)


def test_a_figure_shows_its_range() -> None:
    """The reader sees how far the rounds differ."""
    assert "2.0 (1.0 to 4.0)" == f"{spread([4, 1, 2]):.1f}"


def test_a_single_round_has_no_range() -> None:
    """A range of nothing would look like certainty."""
    assert "2.0" == f"{spread([2]):.1f}"


def test_a_ratio_compares_medians_and_ranges_over_rounds() -> None:
    """Both sides of a round met the same noise."""
    assert Spread(2.0, 1.0, 3.0) == ratio([2, 4, 9], [2, 2, 3])


@pytest.mark.parametrize(
    ("figure", "at_least", "met"),
    [(4, True, "met"), (3.9, True, "**missed**"), (4, False, "met"), (4.1, False, "**missed**")],
)
def test_a_goal_is_met_or_missed(figure: float, met: str, *, at_least: bool) -> None:
    """The bound itself is enough."""
    assert met == goal(figure, at_least=at_least).cells()[-1]


def test_a_figure_just_below_a_goal_does_not_read_as_the_goal() -> None:
    """0.96 is not 1.0."""
    cells = Goal("what", spread([0.96]), "x", 1, at_least=True).cells()

    assert "0.96 x" == cells[1]
    assert "**missed**" == cells[-1]


def test_the_report_collects_the_goals_of_all_sections() -> None:
    """One table answers whether it is fast enough."""
    lines = tuple(table(("a", "b"), [("1", "2")]))
    sections = [
        Section("One", (goal(5, at_least=True),), lines),
        Section("Two", (goal(3, at_least=True),), ()),
    ]

    report = text(MACHINE, sections, "--quick")

    goals, one = tables_of(report.splitlines())
    assert ["met", "**missed**"] == [row[-1] for row in goals]
    assert [["1", "2"]] == one
    assert "`python -m benchmarks --quick`" in report
    assert "## Two" in report


def test_the_machine_is_described_without_its_name() -> None:
    """Figures mean nothing without the machine; who owns it is nobody's business."""
    described = "\n".join(MACHINE.lines())

    for part in ("Processor 1", "2 cores", "Linux 6", "ext4", "0.25 ms"):
        assert part in described


def test_this_machine_can_be_described() -> None:
    """Nothing is left unknown on Linux."""
    machine = this_machine()

    assert "unknown" != machine.filesystem
    assert 0 < machine.sync_p50_ms <= machine.sync_p99_ms


@pytest.mark.parametrize(
    ("directory", "kind"), [("/var", "ext4"), ("/run/x", "tmpfs"), ("/run/deep/y", "xfs")]
)
def test_the_file_system_is_that_of_the_closest_mount(directory: str, kind: str) -> None:
    """A sync costs what the disk below costs."""
    assert kind == filesystem(Path(directory), MOUNTS)


def test_published_figures_are_marked() -> None:
    """Nobody may take them for measured ones."""
    (rows,) = tables_of(published_section().lines)

    assert all("measured here" in row[1] for row in rows)
    assert all(row[-1] for row in rows)


def test_a_part_alone_does_not_replace_the_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """RESULTS.md is one run of everything."""
    results = tmp_path / "RESULTS.md"

    main(["--quick", "--only", "decode"], results)

    assert not results.exists()
    assert "decode and validate" in capsys.readouterr().out


def test_a_quick_run_still_takes_turns() -> None:
    """Every comparison is the median of at least three rounds."""
    assert 3 == min(scale.rounds for scale in (FULL, QUICK))


def test_the_longest_gap_is_seen_by_both_processes(tmp_path: Path) -> None:
    """The server notes it, the benchmark reads and resets it."""
    ours = LongestGap.create(tmp_path / "gap")
    theirs = LongestGap(tmp_path / "gap")

    theirs.note(0.002)
    theirs.note(0.001)

    assert 2.0 == ours.milliseconds
    ours.reset()
    theirs.note(0.0005)
    assert 0.5 == ours.milliseconds
