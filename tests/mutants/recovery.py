"""Bugs of a start, of what it reads, and of what is removed because no start needs it."""

from .bug import Bug

RECOVER = "exporter/log/recover.py"
SNAPSHOT = "exporter/log/snapshot.py"
RETENTION = "exporter/log/retention.py"
OF_CURSOR = "tests/unit/log/test_cursor.py"
OF_KEEPER = "tests/unit/log/test_keeper.py"
OF_RECOVER = "tests/unit/log/test_recover.py"

BUGS = (
    Bug(
        name="The checksum of a frame is not checked",
        file="exporter/log/frame.py",
        old="if crc32(view[body_start:body_end], head_crc) != expected:",
        new="if crc32(view[body_start:body_end], head_crc) < 0:",
        tests=("tests/unit/log/test_frame.py::test_frames_around_a_flipped_bit_survive",),
    ),
    Bug(
        name="Behind a damaged frame nothing is read",
        file="exporter/log/scan.py",
        old="    at = data.find(MAGIC, offset)\n    while at >= 0:\n",
        new="    at = data.find(MAGIC, offset)\n    while at < 0:\n",
        tests=("tests/unit/log/test_frame.py::test_frames_around_a_flipped_bit_survive",),
    ),
    Bug(
        name="A torn tail is not cut off",
        file=RECOVER,
        old="position = last.end if number == newest else end.position",
        new="position = Position(newest, counted_length(storage, shelf, shelf.files[newest]))",
        tests=(f"{OF_RECOVER}::test_a_torn_tail_is_kept_aside_and_does_not_block",),
    ),
    Bug(
        name="A start counts frames that only the page cache holds",
        file=RECOVER,
        old="    _make_durable(storage, shelf.files[newest])\n",
        new="",
        tests=(f"{OF_RECOVER}::test_a_start_syncs_what_a_killed_process_left_in_the_page_cache",),
    ),
    Bug(
        name="A start writes into the segment of another process",
        file=RECOVER,
        old="return max(numbers, default=0) + 1",
        new="return max(numbers, default=1)",
        tests=("tests/unit/log/test_writer.py::test_each_start_opens_a_segment_of_its_own",),
    ),
    Bug(
        name="A snapshot stands one byte too far",
        file=SNAPSHOT,
        old="        moment.position.offset,\n        moment.elapsed,",
        new="        moment.position.offset + 1,\n        moment.elapsed,",
        tests=(f"{OF_RECOVER}::test_replay_begins_behind_the_snapshot",),
    ),
    Bug(
        name="A snapshot stands in front of its last frame",
        file="exporter/log/keeper.py",
        old="self._moment = Moment(batch.end, elapsed",
        new="self._moment = Moment(batch.position or batch.end, elapsed",
        tests=(f"{OF_KEEPER}::test_a_snapshot_is_due_after_so_many_events",),
    ),
    Bug(
        name="A damaged snapshot is believed",
        file=SNAPSHOT,
        old="if len(state) != length or crc32(state, 0) != state_crc:",
        new="if len(state) != length:",
        tests=(f"{OF_RECOVER}::test_a_damaged_snapshot_gives_way_to_the_older_one",),
    ),
    Bug(
        name="A failed snapshot is owed by nobody",
        file="exporter/log/keeper.py",
        old="            self._owe_again(taken)\n",
        new="",
        tests=(f"{OF_KEEPER}::test_a_failed_snapshot_is_tried_again",),
    ),
    Bug(
        name="A snapshot stands in the middle of a batch",
        file="exporter/service/journal.py",
        old="if self._snapshotter is not None and not self.is_applying:",
        new="if self._snapshotter is not None:",
        tests=(
            (
                "tests/unit/service/test_journal.py"
                "::test_a_snapshot_never_stands_in_the_middle_of_a_batch"
            ),
        ),
    ),
    Bug(
        name="Retention removes the segment that the snapshot stands in",
        file=RETENTION,
        old="if number < needed.segment",
        new="if number <= needed.segment",
        tests=(f"{OF_CURSOR}::test_a_segment_goes_when_neither_snapshot_needs_it",),
    ),
    Bug(
        name="Retention trusts the newest snapshot alone",
        file=RETENTION,
        old="needed = min([*snapshots, ",
        new="needed = min([snapshots[0], ",
        tests=(f"{OF_CURSOR}::test_a_segment_goes_when_neither_snapshot_needs_it",),
    ),
    Bug(
        name="Retention removes what a cursor has not read",
        file=RETENTION,
        old="*cursor_positions(storage).values(), *cursors",
        new="*cursors",
        tests=(f"{OF_CURSOR}::test_a_cursor_keeps_what_it_has_not_read",),
    ),
    Bug(
        name="A cursor is acknowledged by reading",
        file="exporter/log/cursor.py",
        old="            yield part\n            events += part.count\n",
        new="            self.advance(part.end)\n            yield part\n            events += 1\n",
        tests=(f"{OF_CURSOR}::test_what_is_not_confirmed_is_read_again",),
    ),
    Bug(
        name="A reader passes the synced end",
        file="exporter/log/reader.py",
        old="            length = min(length, until.offset)\n",
        new="            length = max(length, until.offset)\n",
        tests=(f"{OF_CURSOR}::test_a_reader_never_passes_the_synced_end",),
    ),
    Bug(
        name="Log time goes back with the wall clock",
        file="exporter/log/logtime.py",
        old="return min(max(0.0, clock.wall() - end.received_at), LONGEST_GAP_SECONDS)",
        new="return min(clock.wall() - end.received_at, LONGEST_GAP_SECONDS)",
        tests=(f"{OF_RECOVER}::test_log_time_goes_on_over_a_restart",),
    ),
    Bug(
        name="Counters start at 0 behind a snapshot",
        file="exporter/metrics/state.py",
        old='"rows": spell(table.rows.values()),',
        new='"rows": spell([table.template for _ in table.rows]),',
        tests=("tests/unit/metrics/test_state.py::test_a_restored_world_shows_the_same_page",),
    ),
    Bug(
        name="Open turns are lost at a restart",
        file="exporter/metrics/state.py",
        old='    live.turns.restore(state["turns"])\n',
        new="",
        tests=(
            "tests/unit/metrics/test_turns.py::test_an_open_turn_times_out_after_a_restart_as_well",
        ),
    ),
    Bug(
        name="Data of a newer version is overwritten",
        file=SNAPSHOT,
        old="if prefix is not None and prefix > FORMAT:",
        new="if prefix is not None and prefix > FORMAT + 1:",
        tests=(f"{OF_RECOVER}::test_data_of_a_newer_version_is_left_untouched",),
    ),
)
