"""What the fault tests share: a stage, and a scenario that plays on it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.torture.catalogue import SCENARIOS
from tests.torture.scenario import Figures, Scale, Stage

SEED = 20_261_122

Play = Callable[[str], Awaitable[Figures]]


@pytest.fixture
def stage(tmp_path: Path, promtool: Path) -> Stage:
    """Return an empty directory with the seed of the short pass."""
    return Stage(tmp_path, SEED, Scale.SHORT, promtool)


@pytest.fixture
def play(stage: Stage) -> Play:
    """Return what plays a scenario; a broken promise says how to play it again."""

    async def play(name: str) -> Figures:
        try:
            return await SCENARIOS[name].run(stage)
        except* AssertionError as broken:
            again = f"python -m tests.torture --scenario {name} --seed {SEED} --scale short"
            broken.add_note(f"play it again: {again}")
            raise

    return play
