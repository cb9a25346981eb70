"""Bugs of the metrics: what events move, and what a page says of it."""

from .bug import Bug

COMPILE = "exporter/metrics/compile.py"
GUARD = "exporter/metrics/guard.py"
PRESENCE = "exporter/metrics/presence.py"
RENDER = "exporter/metrics/render.py"
TURNS = "exporter/metrics/turns.py"
OF_COMPILE = "tests/unit/metrics/test_compile.py"
OF_EXPOSITION = "tests/unit/metrics/test_exposition.py"
OF_GUARD = "tests/unit/metrics/test_guard.py"
OF_PRESENCE = "tests/unit/metrics/test_presence.py"
OF_RENDER = "tests/unit/metrics/test_render.py"
OF_TURNS = "tests/unit/metrics/test_turns.py"
LEFT = "from bisect import bisect_left\n"
RIGHT = "from bisect import bisect_right as bisect_left\n"

BUGS = (
    Bug(
        name="A gauge is incremented instead of set",
        file=COMPILE,
        old='return [f"r[{slot.offset}] = {value}"]',
        new='return [f"r[{slot.offset}] = (r[{slot.offset}] or 0) + {value}"]',
        tests=(f"{OF_COMPILE}::test_a_gauge_shows_what_was_set_last",),
    ),
    Bug(
        name="A value on a bound falls into the next bucket",
        file=COMPILE,
        old=LEFT,
        new=RIGHT,
        tests=(f"{OF_COMPILE}::test_a_value_on_a_bound_falls_into_its_bucket",),
    ),
    Bug(
        name="A response time on a bound falls into the next bucket",
        file=TURNS,
        old=LEFT,
        new=RIGHT,
        tests=(f"{OF_TURNS}::test_an_answer_ends_the_turn_of_its_conversation",),
    ),
    Bug(
        name="A duration of the exporter on a bound falls into the next bucket",
        file="exporter/metrics/own.py",
        old=LEFT,
        new=RIGHT,
        tests=(
            (
                "tests/unit/metrics/test_own.py"
                "::test_an_observation_falls_into_the_bucket_that_includes_it"
            ),
        ),
    ),
    Bug(
        name="A value of 0 counts as absent",
        file=COMPILE,
        old='tests.append(f"{self._read(feed.value)} is not None")',
        new="tests.append(self._read(feed.value))",
        tests=(f"{OF_COMPILE}::test_zero_is_a_value_and_absence_is_none",),
    ),
    Bug(
        name="A turn times out 60 seconds late",
        file=TURNS,
        old="turn = Open(e.bot, e.platform, e.ts, now + self._timeout)",
        new="turn = Open(e.bot, e.platform, e.ts, now + self._timeout + 60)",
        tests=(f"{OF_TURNS}::test_a_turn_fails_at_exactly_sixty_seconds",),
    ),
    Bug(
        name="A failed answer counts as a good one",
        file=TURNS,
        old="        if failed or seconds > self._timeout:",
        new="        if seconds > self._timeout:",
        tests=(f"{OF_TURNS}::test_a_failed_answer_makes_the_turn_fail",),
    ),
    Bug(
        name="A late message makes a turn",
        file=TURNS,
        old="        if arrival - e.ts <= self._late:\n",
        new="        if arrival - e.ts <= self._late * 2:\n",
        tests=(f"{OF_TURNS}::test_messages_more_than_fifteen_minutes_late_make_no_turn",),
    ),
    Bug(
        name="An active conversation never expires",
        file=PRESENCE,
        old="                if last > horizon:",
        new="                if last is not None:",
        tests=(f"{OF_PRESENCE}::test_who_was_seen_within_the_window_is_here",),
    ),
    Bug(
        name="A conversation that ended stays active",
        file=PRESENCE,
        old="if seen is not None and seen.pop(identity, None) is not None:",
        new="if seen is not None and seen.get(identity) is not None:",
        tests=(f"{OF_PRESENCE}::test_leaving_counts_at_once",),
    ),
    Bug(
        name="Events beyond the limit of a family are lost",
        file=GUARD,
        old="            values = self._folded(table, values)\n",
        new="            return table.template.copy()\n",
        tests=(f"{OF_GUARD}::test_a_family_beyond_its_limit_counts_under_other",),
    ),
    Bug(
        name="The limit of a label does not limit",
        file=GUARD,
        old="len(seen) < self._limit(label):",
        new="len(seen) >= 0:",
        tests=(f"{OF_GUARD}::test_values_beyond_the_limit_of_a_label_count_together",),
    ),
    Bug(
        name="An e-mail address becomes a label",
        file=GUARD,
        old='_ADDRESS.sub("[masked]", plain)',
        new="plain",
        tests=(f"{OF_GUARD}::test_labels_show_neither_addresses_nor_control_characters",),
    ),
    Bug(
        name="Rejected events are counted as accepted",
        file="exporter/service/telemetry.py",
        old="self._own.add(names.EVENTS_REJECTED, by=len(verdicts))",
        new="self._own.add(names.EVENTS_ACCEPTED, by=len(verdicts))",
        tests=("tests/unit/service/test_telemetry.py::test_rejected_events_are_counted_by_reason",),
    ),
    Bug(
        name="A quote in a label is not escaped",
        file="exporter/metrics/rows.py",
        old=""".replace('"', '\\\\"')""",
        new="",
        tests=(f"{OF_RENDER}::test_any_text_in_a_label_comes_back_as_it_was",),
    ),
    Bug(
        name="The bucket +Inf is missing",
        file=RENDER,
        old='return "".join([*lines, f"',
        new='return "".join([*lines[:-1], "%.0s", f"',
        tests=(f"{OF_RENDER}::test_every_threshold_of_the_catalogue_is_a_bound_of_the_page",),
    ),
    Bug(
        name="The count of a histogram leaves out what lies above its last bound",
        file=RENDER,
        old="template % (*counts, row[last], counts[-1])",
        new="template % (*counts, row[last], counts[-2])",
        tests=(
            (
                "tests/unit/metrics/test_own.py"
                "::test_an_observation_falls_into_the_bucket_that_includes_it"
            ),
        ),
    ),
    Bug(
        name="Buckets are not cumulative",
        file=RENDER,
        old="counts = list(accumulate(row[offset:last]))",
        new="counts = [*row[offset : last - 1], sum(row[offset:last])]",
        tests=(f"{OF_COMPILE}", f"{OF_RENDER}::test_the_page_says_what_the_rows_hold"),
    ),
    Bug(
        name="The trailer of a compressed page is wrong",
        file="exporter/metrics/exposition.py",
        old="chunks.append(stream.flush())",
        new="chunks.append(stream.flush()[:-8] + bytes(8))",
        tests=(f"{OF_EXPOSITION}::test_the_answer_is_compressed_when_it_may_be",),
    ),
    Bug(
        name="OpenMetrics has no end mark",
        file="exporter/metrics/exposition.py",
        old='            yield "# EOF\\n"\n',
        new='            yield ""\n',
        tests=(f"{OF_EXPOSITION}::test_the_format_is_the_one_that_is_asked_for",),
    ),
    Bug(
        name="An expiring gauge stays on the page",
        file=RENDER,
        old="row[offset] is not None and row[0] > horizon",
        new="row[offset] is not None",
        tests=("tests/unit/metrics/test_sweep.py::test_an_expiring_gauge_leaves_the_page_on_time",),
    ),
)
