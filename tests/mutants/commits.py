"""Bugs between the write and the answer: what is acknowledged is on the disk, and only that."""

from .bug import Bug

STORAGE = "exporter/log/storage.py"
WRITER = "exporter/log/writer.py"
PIPELINE = "exporter/ingest/pipeline.py"
OF_STORAGE = "tests/unit/log/test_storage.py"
OF_WRITER = "tests/unit/log/test_writer.py"
OF_FAILURES = "tests/unit/log/test_writer_failures.py"
OF_PIPELINE = "tests/unit/ingest/test_pipeline.py"

BUGS = (
    Bug(
        name="The sync of a segment does nothing",
        file=STORAGE,
        old="        os.fdatasync(self._file)\n",
        new="        os.fstat(self._file)\n",
        tests=(f"{OF_STORAGE}::test_a_sync_reaches_the_disk_and_not_only_the_cache",),
    ),
    Bug(
        name="A commit is written and never synced",
        file=WRITER,
        old="        active.appender.sync()\n",
        new="",
        tests=(f"{OF_WRITER}::test_many_submits_share_one_sync",),
    ),
    Bug(
        name="A batch is acknowledged before its sync",
        file=WRITER,
        old="self._sync_thread.run(partial(self._sync, active), partial(self._synced, group))",
        new=(
            "self._applier.add(group)\n"
            "        self._sync_thread.run(partial(self._sync, active), partial(self._synced, []))"
        ),
        tests=(f"{OF_WRITER}::test_nothing_is_applied_before_its_sync",),
    ),
    Bug(
        name="A failed sync is treated as success",
        file=WRITER,
        old="if error is not None or active is None or took is None:",
        new="if active is None:",
        tests=(f"{OF_FAILURES}::test_a_failed_sync_fails_its_group_and_the_queue",),
    ),
    Bug(
        name="What a failed sync left behind counts at the next start",
        file="exporter/log/active.py",
        old="return Position(self.number, self.synced)",
        new="return Position(self.number, self.appender.tell)",
        tests=(f"{OF_FAILURES}::test_what_a_failed_sync_left_behind_is_never_read",),
    ),
    Bug(
        name="A segment whose sync failed is written again when no other can be opened",
        file=WRITER,
        old="active, self._active = self._active, None",
        new="active = None",
        tests=(
            (f"{OF_FAILURES}::test_a_failed_segment_is_not_written_while_no_new_one_can_be_opened"),
        ),
    ),
    Bug(
        name="A new segment has a name that a power cut takes back",
        file=STORAGE,
        old=(
            "            self._sync_folder_of(name)\n"
            "        except OSError:\n"
            "            appender.close()\n"
        ),
        new="            self.has(name)\n        except OSError:\n            appender.close()\n",
        tests=(f"{OF_STORAGE}::test_the_name_of_a_new_file_is_durable",),
    ),
    Bug(
        name="A state file replaces the old one before its content is synced",
        file=STORAGE,
        old="                appender.sync()\n            finally:\n",
        new="                appender.tell\n            finally:\n",
        tests=(f"{OF_STORAGE}::test_content_is_durable_before_its_name_and_then_the_name_is",),
    ),
    Bug(
        name="The rename of a state file is never synced",
        file=STORAGE,
        old="            raise\n        self._sync_folder_of(name)\n\n    def sync(",
        new="            raise\n\n    def sync(",
        tests=(f"{OF_STORAGE}::test_content_is_durable_before_its_name_and_then_the_name_is",),
    ),
    Bug(
        name="A full queue takes still more",
        file=WRITER,
        old="if self.queued_bytes + size > self._settings.queue_bytes and self._unsettled:",
        new="if self.queued_bytes + size > self._settings.queue_bytes and not self._unsettled:",
        tests=(f"{OF_WRITER}::test_too_much_waiting_is_refused",),
    ),
    Bug(
        name="A stop forgets what is queued",
        file=WRITER,
        old="while (self._unsettled and self.broken is None) or self._is_busy:",
        new="while self._is_busy:",
        tests=(f"{OF_WRITER}::test_closing_stores_what_is_queued_and_takes_no_more",),
    ),
    Bug(
        name="An answer does not wait for its commit",
        file=PIPELINE,
        old="                await self._journal.submit(accepted, body, arrival)",
        new="                self._journal.submit(accepted, body, arrival)",
        tests=(f"{OF_PIPELINE}::test_an_answer_waits_for_the_commit",),
    ),
    Bug(
        name="Two exporters may own one directory",
        file=STORAGE,
        old="fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        new="fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)",
        tests=(f"{OF_STORAGE}::test_a_second_process_is_refused_at_once",),
    ),
)
