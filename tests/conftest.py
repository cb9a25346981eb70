"""Fixtures every test may ask for."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent

# The same examples in every run, and no time limit: a busy machine must not fail a test.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def prometheus() -> Path:
    """Return the real Prometheus server."""
    return _program("prometheus")


@pytest.fixture(scope="session")
def promtool() -> Path:
    """Return the real promtool."""
    return _program("promtool")


def _program(name: str) -> Path:
    """Find *name* where ``install-prometheus.sh`` puts it; a skip would hide a missing one."""
    path = shutil.which(name, path=f"{ROOT}/.tools/usr/bin{os.pathsep}{os.environ['PATH']}")
    if path is None:
        pytest.fail(f"{name} is not installed: run tests/tools/install-prometheus.sh")
    return Path(path)
