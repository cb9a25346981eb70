"""Background tasks outlive their failures: `exporter.service.tasks`."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from exporter.service.tasks import Supervisor
from tests.unit.service.virtual import let_pass, run


@dataclass
class Watched:
    """A supervisor, what it logged and counted, and when its task was started."""

    lines: list[dict[str, object]] = field(default_factory=list)
    restarts: list[str] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Build the supervisor."""
        self.supervisor = Supervisor(self, on_restart=self.restarts.append)

    def error(self, event: str, **fields: object) -> None:
        """Take a line of the log."""
        self.lines.append({"event": event} | fields)

    def failing(self, times: int) -> Callable[[], Awaitable[None]]:
        """Return work that fails so many times and then ends."""

        async def work() -> None:
            self.starts.append(asyncio.get_running_loop().time())
            if len(self.starts) <= times:
                raise ValueError("secret words of a user")
            self.ended.set()

        return work


async def run_failing(watched: Watched, times: int) -> None:
    """Run work that fails so many times, to its end."""
    watched.supervisor.start("sweeper", watched.failing(times))
    # In virtual time: a task that is not started again fails the test at once.
    async with asyncio.timeout(3600):
        await watched.ended.wait()
    await watched.supervisor.stop()


def test_a_task_that_fails_is_started_again() -> None:
    """With a line and a count for each time, and nothing of the error's words in the line."""
    watched = Watched()

    run(run_failing(watched, 2))

    line = {"event": "task_failed", "task": "sweeper", "error_type": "ValueError"}
    assert [line, line] == watched.lines
    assert ["sweeper", "sweeper"] == watched.restarts


def test_the_pauses_double_up_to_a_minute() -> None:
    """A task that fails at once must not take the whole processor."""
    watched = Watched()

    run(run_failing(watched, 9))

    pauses = [b - a for a, b in zip(watched.starts, watched.starts[1:], strict=False)]
    assert [1, 2, 4, 8, 16, 32, 60, 60, 60] == [round(pause) for pause in pauses]


def test_a_task_that_ends_is_left_alone() -> None:
    """Some work has an end."""
    watched = Watched()

    run(run_failing(watched, 0))

    assert 1 == len(watched.starts)
    assert [] == watched.restarts


def test_stopping_cancels_every_task_and_waits() -> None:
    """Also one that cleans up first, and one that is in a pause."""
    watched = Watched()
    cleaned: list[bool] = []

    async def patient() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await let_pass(5)
            cleaned.append(True)

    async def scenario() -> int:
        watched.supervisor.start("patient", patient)
        watched.supervisor.start("sweeper", watched.failing(1))
        await let_pass(0.5)
        await watched.supervisor.stop()
        return len(asyncio.all_tasks())

    assert 1 == run(scenario())
    assert [True] == cleaned
    assert 1 == len(watched.starts)
