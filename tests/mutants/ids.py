"""Bugs of deduplication: an id is known from its commit on, over every restart, and not before."""

from .bug import Bug

JOURNAL = "exporter/service/journal.py"
SEEN = "exporter/log/seen.py"
PIPELINE = "exporter/ingest/pipeline.py"
OF_JOURNAL = "tests/unit/service/test_journal.py"
OF_SEEN = "tests/unit/log/test_seen.py"
OF_PIPELINE = "tests/unit/ingest/test_pipeline.py"
OF_REPLAY = "tests/unit/service/test_replay.py"

BUGS = (
    Bug(
        name="An id counts as seen before its commit",
        file=JOURNAL,
        old="        self._seen.begin(accepted.keys, commit)\n",
        new="        self._seen.commit(accepted.keys, received_at)\n",
        tests=(f"{OF_JOURNAL}::test_a_key_in_flight_becomes_durable",),
    ),
    Bug(
        name="An id on its way is not known",
        file=JOURNAL,
        old="        self._seen.begin(accepted.keys, commit)\n",
        new="",
        tests=(f"{OF_JOURNAL}::test_a_key_in_flight_becomes_durable",),
    ),
    Bug(
        name="An id is not marked at all",
        file=JOURNAL,
        old="        self._seen.commit(accepted.keys, batch.received_at)\n",
        new="        self._seen.abort(accepted.keys)\n",
        tests=(f"{OF_JOURNAL}::test_a_key_in_flight_becomes_durable",),
    ),
    Bug(
        name="The ids of a failed commit count as seen",
        file=JOURNAL,
        old="            self._seen.abort(batch.payload.keys)\n",
        new="            self._seen.commit(batch.payload.keys, batch.received_at)\n",
        tests=(f"{OF_JOURNAL}::test_a_key_whose_commit_failed_is_new_again",),
    ),
    Bug(
        name="The ids of a failed commit stay in memory for ever",
        file=JOURNAL,
        old="            self._seen.abort(batch.payload.keys)\n",
        new="            return\n",
        tests=(f"{OF_JOURNAL}::test_a_failed_sync_leaves_no_trace",),
    ),
    Bug(
        name="A restart does not know the ids behind the snapshot",
        file="exporter/service/replay.py",
        old="        self._seen.remember(keys, frame.received_at)\n",
        new="",
        tests=(f"{OF_REPLAY}::test_ids_of_before_the_crash_are_duplicates",),
    ),
    Bug(
        name="A snapshot leaves the ids out",
        file="exporter/log/keeper.py",
        old="        self._seen.write_run()\n",
        new="",
        tests=("tests/unit/log/test_keeper.py::test_a_stop_takes_the_last_snapshot",),
    ),
    Bug(
        name="A snapshot is written before the ids it stands for",
        file="exporter/log/keeper.py",
        old=(
            "        self._seen.write_run()\n        write_snapshot(self._storage, moment, state)\n"
        ),
        new=(
            "        write_snapshot(self._storage, moment, state)\n        self._seen.write_run()\n"
        ),
        tests=(
            "tests/unit/log/test_keeper.py::test_a_snapshot_never_stands_for_ids_that_nobody_remembers",
        ),
    ),
    Bug(
        name="A lookup misses the last id of a bucket",
        file="exporter/log/runs.py",
        old="window = self._data[low * KEY_BYTES : high * KEY_BYTES]",
        new="window = self._data[low * KEY_BYTES : (high - 1) * KEY_BYTES]",
        tests=(f"{OF_SEEN}::test_small_runs_of_a_day_become_one",),
    ),
    Bug(
        name="A lookup takes the end of one id and the beginning of the next for a third",
        file="exporter/log/runs.py",
        old="while at >= 0 and at % KEY_BYTES:",
        new="while False:",
        tests=(f"{OF_SEEN}::test_ids_that_lie_across_two_others_are_not_mistaken",),
    ),
    Bug(
        name="Ids are forgotten when their run cannot be written",
        file=SEEN,
        old="        self._archive.write(\n",
        new="        self._flushing = ()\n        self._archive.write(\n",
        tests=(f"{OF_SEEN}::test_ids_stay_in_memory_if_their_run_cannot_be_written",),
    ),
    Bug(
        name="A clock that steps forward expires ids",
        file=SEEN,
        old="now = self._started + self._clock.monotonic()",
        new="now = self._clock.wall()",
        tests=("tests/faults/test_mistakes.py::test_a_clock_that_jumps_ahead_makes_no_id_older",),
    ),
    Bug(
        name="A duplicate is stored once more",
        file=PIPELINE,
        old="        if duplicates:\n            accepted",
        new="        if duplicates < 0:\n            accepted",
        tests=(f"{OF_PIPELINE}::test_the_log_gets_one_line_for_each_new_event",),
    ),
    Bug(
        name="A duplicate in flight is answered before the first is safe",
        file=PIPELINE,
        old="                await commit\n",
        new="                commit\n",
        tests=(f"{OF_PIPELINE}::test_a_duplicate_in_flight_waits_for_the_first",),
    ),
    Bug(
        name="The same id of two bots is one event",
        file="exporter/ingest/admit.py",
        old='known.prefix(f"/{name}", bot)',
        new='known.prefix(f"/{name}", "")',
        tests=(
            (
                "tests/unit/ingest/test_admit.py"
                "::test_the_same_id_is_the_same_event_only_for_the_same_bot_and_type"
            ),
        ),
    ),
)
