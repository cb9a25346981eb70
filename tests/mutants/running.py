"""Bugs of the service: its configuration, its start, its tasks and its stop."""

from .bug import Bug

RELOAD = "exporter/config/reload.py"
OF_CORE = "tests/unit/service/test_core.py"
OF_RELOAD = "tests/unit/config/test_reload.py"

BUGS = (
    Bug(
        name="An unknown key of the configuration is accepted",
        file="exporter/config/load.py",
        old="problems += [layers.problem(path, message) for path, message in fitted.findings]",
        new="problems += []",
        tests=("tests/unit/config/test_load.py::test_every_mistake_is_reported_at_once",),
    ),
    Bug(
        name="A broken file becomes the defaults",
        file="exporter/config/load.py",
        old="    if problems:\n        raise refusal(problems)\n",
        new="    if problems:\n        return Config()\n",
        tests=(f"{OF_RELOAD}::test_a_bad_file_keeps_the_old_configuration",),
    ),
    Bug(
        name="A reload replaces the last good configuration with a refused one",
        file=RELOAD,
        old="        changed = changed_keys(self.current, new)\n",
        new=("        changed = changed_keys(self.current, new)\n        self.current = new\n"),
        tests=(f"{OF_RELOAD}::test_a_change_that_needs_a_restart_is_refused_as_a_whole",),
    ),
    Bug(
        name="A failed reload counts as a success",
        file=RELOAD,
        old="        self.last_successful = False\n",
        new="",
        tests=(f"{OF_RELOAD}::test_a_bad_file_keeps_the_old_configuration",),
    ),
    Bug(
        name="The exporter says ready while it recovers",
        file="exporter/service/health.py",
        old="return self.stage is Stage.READY",
        new="return self.stage is not Stage.STOPPING",
        tests=("tests/unit/service/test_routes.py::test_a_start_is_alive_but_not_ready",),
    ),
    Bug(
        name="A scrape sees half of the counters while the exporter recovers",
        file="exporter/service/routes.py",
        old="        if not self.health.serves:\n",
        new="        if self.health is None:\n",
        tests=("tests/unit/service/test_routes.py::test_a_start_is_alive_but_not_ready",),
    ),
    Bug(
        name="Events are taken before the log is open",
        file="exporter/ingest/http.py",
        old="        if not self.is_ready():\n",
        new="        if self.is_ready is None:\n",
        tests=("tests/unit/ingest/test_http.py::test_before_it_is_ready_everything_is_refused",),
    ),
    Bug(
        name="SIGTERM cuts requests off instead of draining them",
        file="exporter/service/app.py",
        old="await self._public.drain(DRAIN_SECONDS)",
        new="await self._public.drain(0.0)",
        tests=("tests/e2e/test_stop.py::test_a_request_under_way_at_sigterm_is_answered",),
    ),
    Bug(
        name="A stop saves no state",
        file="exporter/service/core.py",
        old="        await self.snapshotter.finish()\n",
        new="",
        tests=(f"{OF_CORE}::test_a_stop_leaves_nothing_to_replay",),
    ),
    Bug(
        name="A failed task stays dead",
        file="exporter/service/tasks.py",
        old="                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)\n",
        new="                return\n",
        tests=("tests/unit/service/test_tasks.py::test_a_task_that_fails_is_started_again",),
    ),
    Bug(
        name="Housekeeping ends with the first full disk",
        file="exporter/service/core.py",
        old="                continue  # The log says why",
        new="                return  # The log says why",
        tests=(f"{OF_CORE}::test_housekeeping_goes_on_when_the_log_is_full",),
    ),
    Bug(
        name="An event that cannot be counted stops the log",
        file="exporter/service/counting.py",
        old="MISTAKES = (",
        new="MISTAKES = () and (",
        tests=(
            "tests/faults/test_mistakes.py::test_each_event_beside_a_poisonous_one_counts_once",
        ),
    ),
    Bug(
        name="Everybody may use the control socket",
        file="exporter/service/unix.py",
        old="OWNER_ONLY = 0o600",
        new="OWNER_ONLY = 0o666",
        tests=("tests/unit/service/test_control.py::test_the_socket_is_private",),
    ),
)
