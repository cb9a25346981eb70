"""The shape of the code: every rule holds everywhere, and every rule is shown to bite."""

from pathlib import Path, PurePosixPath

import pytest

from tests import architecture as rules

ROOT = Path(__file__).parent.parent
LONG_FUNCTION = "def work():\n" + "    step()\n" * rules.MAX_FUNCTION_LINES

# Rule, where the mistake stands, the mistake.
MISTAKES = [
    (rules.imports_follow_the_order, "exporter/model/a.py", "from ..catalog import spec"),
    (rules.imports_follow_the_order, "exporter/catalog/a.py", "from .. import config"),
    (rules.imports_follow_the_order, "exporter/stats/a.py", "from ..catalog.spec import Kind"),
    (rules.imports_follow_the_order, "exporter/sla/a.py", "from ..config.load import load"),
    (rules.imports_follow_the_order, "exporter/store/a.py", "from ..log.frame import Frame"),
    (rules.imports_follow_the_order, "exporter/ingest/protocols/a.py", "from ...log import frame"),
    (rules.imports_follow_the_order, "exporter/metrics/__init__.py", "from ..ingest import http"),
    (rules.imports_follow_the_order, "exporter/reports/a.py", "from ..bundle import panels"),
    (rules.imports_follow_the_order, "exporter/service/a.py", "from ..cli import main"),
    (rules.imports_follow_the_order, "exporter/client.py", "from .model import units"),
    (rules.imports_follow_the_order, "exporter/helpers.py", ""),
    (rules.imports_inside_are_relative, "exporter/cli/a.py", "from exporter.model import units"),
    (rules.imports_inside_are_relative, "exporter/cli/a.py", "import exporter.model.units"),
    (rules.libraries_stay_in_their_fence, "exporter/ingest/decode.py", "from aiohttp import web"),
    (rules.libraries_stay_in_their_fence, "exporter/statuspage/view.py", "import aiohttp"),
    (rules.libraries_stay_in_their_fence, "exporter/service/app.py", "import sqlite3"),
    (rules.libraries_stay_in_their_fence, "exporter/analytics/a.py", "import chdb.session"),
    (rules.libraries_stay_in_their_fence, "exporter/cli/a.py", "import clickhouse_connect"),
    (rules.libraries_stay_in_their_fence, "exporter/metrics/rows.py", "import msgspec"),
    (rules.libraries_stay_in_their_fence, "exporter/service/a.py", "import prometheus_client"),
    (rules.libraries_stay_in_their_fence, "exporter/metrics/rows.py", "import numpy as np"),
    (rules.client_needs_only_the_standard_library, "exporter/client/send.py", "import aiohttp"),
    (rules.calculations_have_no_effects, "exporter/stats/a.py", "from pathlib import Path"),
    (rules.calculations_have_no_effects, "exporter/sla/a.py", "async def total(): ..."),
    (rules.calculations_have_no_effects, "exporter/sla/a.py", "today = datetime.now(UTC)"),
    (rules.calculations_have_no_effects, "exporter/analytics/a.py", "text = open('a').read()"),
    (rules.files_are_short, "exporter/model/a.py", "x = 1\n" * (rules.MAX_FILE_LINES + 1)),
    (rules.functions_are_short, "exporter/model/a.py", LONG_FUNCTION),
    (rules.nothing_is_left_unfinished, "exporter/model/a.py", "x = 1  # " + "TO" + "DO: later"),
    (rules.nothing_is_left_unfinished, "tests/test_a.py", "# " + "FIX" + "ME"),
    (rules.public_names_have_docstrings, "exporter/model/a.py", "def f(): ..."),
    (rules.public_names_have_docstrings, "exporter/model/a.py", "class A: ..."),
    (
        rules.public_names_have_docstrings,
        "exporter/model/a.py",
        'class A:\n    """A."""\n    def f(self): ...',
    ),
    (rules.public_names_have_docstrings, "tests/test_a.py", "async def test_a(): ..."),
    (rules.imports_stand_at_the_top, "exporter/cli/a.py", "def f():\n    if a:\n        import b"),
    (rules.errors_are_caught_by_name, "exporter/cli/a.py", "try: f()\nexcept Exception: pass"),
    (rules.errors_are_caught_by_name, "exporter/cli/a.py", "try: f()\nexcept: pass"),
    (
        rules.errors_are_caught_by_name,
        "tests/test_a.py",
        "try: f()\nexcept (OSError, BaseException): pass",
    ),
    (rules.errors_are_caught_by_name, "exporter/cli/a.py", "with suppress(Exception): f()"),
    (rules.secrets_are_compared_in_constant_time, "exporter/ingest/a.py", "a.digest == offered"),
    (rules.secrets_are_compared_in_constant_time, "exporter/service/a.py", "x = digest(a) != b"),
    (
        rules.secrets_are_compared_in_constant_time,
        "exporter/cli/a.py",
        "a if b == old_token else c",
    ),
    (rules.no_test_sleeps, "tests/test_a.py", "time.sleep(1)"),
    (rules.no_test_sleeps, "tests/test_a.py", "await asyncio.sleep(0.01)"),
    (rules.no_test_sleeps, "tests/test_a.py", "from time import sleep"),
]

# What the same rules must let pass.
INNOCENT = [
    (rules.imports_follow_the_order, "exporter/catalog/a.py", "from ..model.units import Unit"),
    (rules.imports_follow_the_order, "exporter/log/a.py", "from .frame import Frame"),
    (rules.imports_follow_the_order, "exporter/metrics/a.py", "from .. import __version__"),
    (rules.imports_follow_the_order, "exporter/service/app.py", "from ..ingest import http"),
    (rules.libraries_stay_in_their_fence, "exporter/ingest/http_errors.py", "import aiohttp"),
    (rules.libraries_stay_in_their_fence, "exporter/metrics/state.py", "import msgspec"),
    (rules.libraries_stay_in_their_fence, "tests/test_a.py", "import aiohttp"),
    (rules.client_needs_only_the_standard_library, "exporter/client.py", "import http.client"),
    (rules.calculations_have_no_effects, "exporter/sla/a.py", "from datetime import datetime"),
    (rules.files_are_short, "exporter/model/a.py", "x = 1\n" * rules.MAX_FILE_LINES),
    (rules.public_names_have_docstrings, "exporter/model/a.py", "def _f(): ..."),
    (rules.public_names_have_docstrings, "exporter/model/a.py", "@overload\ndef f(): ..."),
    (rules.errors_are_caught_by_name, "exporter/cli/a.py", "try: f()\nexcept OSError: pass"),
    (rules.errors_are_caught_by_name, "exporter/cli/a.py", "try: f()\nexcept Exception: raise"),
    (rules.errors_are_caught_by_name, rules.SURVIVORS[0], "try: f()\nexcept Exception: pass"),
    (rules.secrets_are_compared_in_constant_time, "exporter/cli/a.py", "token_name == 'shop'"),
    (rules.secrets_are_compared_in_constant_time, "exporter/ingest/a.py", "token is None"),
    (rules.secrets_are_compared_in_constant_time, "exporter/client/a.py", "old != self._token"),
    (rules.secrets_are_compared_in_constant_time, "tests/test_a.py", "assert made.token == token"),
    (rules.no_test_sleeps, "tests/test_a.py", "await asyncio.sleep(0)"),
    (rules.no_test_sleeps, "exporter/client.py", "time.sleep(1)"),
]


def sources() -> list[tuple[PurePosixPath, str]]:
    """Return every Python file of the product with its text."""
    files = (
        path for top in ("exporter", "tests", "benchmarks") for path in (ROOT / top).rglob("*.py")
    )
    return [
        (PurePosixPath(path.relative_to(ROOT).as_posix()), path.read_text(encoding="utf-8"))
        for path in sorted(files)
    ]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_code_keeps_the_rule(rule: rules.Rule) -> None:
    """A rule has no exceptions but those in the tables of ``tests/architecture.py``."""
    broken = [violation for path, source in sources() for violation in rule(path, source)]

    assert not broken, "\n" + "\n".join(broken)


@pytest.mark.parametrize(("rule", "path", "source"), MISTAKES)
def test_a_rule_sees_a_mistake(rule: rules.Rule, path: str, source: str) -> None:
    """A rule that never fires protects nothing."""
    violations = list(rule(PurePosixPath(path), source))

    assert 1 == len(violations)
    assert violations[0].startswith(path)


@pytest.mark.parametrize(("rule", "path", "source"), INNOCENT)
def test_a_rule_lets_sound_code_pass(rule: rules.Rule, path: str, source: str) -> None:
    """A rule that fires on sound code gets switched off by the first person in a hurry."""
    assert [] == list(rule(PurePosixPath(path), source))


def test_every_rule_has_a_seeded_mistake() -> None:
    """A new rule comes with its proof."""
    assert set(rules.RULES) == {rule for rule, _, _ in MISTAKES}
