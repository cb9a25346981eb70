"""
A plugin of pytest for copies of the product: what is tested is the copy, or nothing.

It also notes the first test that fails, for the report, and leaves the counterexamples of
Hypothesis as they were found: nobody reads them here, and making them small takes half a minute.
"""

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

import exporter

COPY_VARIABLE = "MUTANTS_COPY"
NOTE = "first-failure.txt"
LONGEST_REASON = 100


def pytest_configure() -> None:
    """Refuse to run with a package from elsewhere: its bug would not be ours."""
    copy, package = Path(os.environ[COPY_VARIABLE]), Path(exporter.__file__)
    if package.resolve() != (copy / "exporter" / "__init__.py").resolve():
        raise pytest.UsageError(f"the package under test is {package}, not that of {copy}")
    settings.register_profile("unshrunk", settings(), phases=(Phase.explicit, Phase.generate))
    settings.load_profile("unshrunk")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note the first test that fails, or whose fixtures do, and why."""
    note = Path(os.environ[COPY_VARIABLE]) / NOTE
    if report.failed and not note.exists():
        crash = getattr(report.longrepr, "reprcrash", None)
        why = getattr(crash, "message", "") or str(report.longrepr)
        text = f"{report.nodeid}\n{' '.join(why.split())[:LONGEST_REASON]}"
        # Some tests fail with half a character in hand.
        note.write_text(text, "utf-8", errors="backslashreplace")
