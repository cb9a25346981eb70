"""Bugs of decoding and of the verdict on each event: which, where, and why."""

from .bug import Bug

ADMIT = "exporter/ingest/admit.py"
DECODE = "exporter/ingest/decode.py"
EXPLAIN = "exporter/ingest/explain.py"
PIPELINE = "exporter/ingest/pipeline.py"
OF_ADMIT = "tests/unit/ingest/test_admit.py"
OF_DECODE = "tests/unit/ingest/test_decode.py"
OF_EXPLAIN = "tests/unit/ingest/test_explain.py"
OF_PIPELINE = "tests/unit/ingest/test_pipeline.py"

BUGS = (
    Bug(
        name="The last line of NDJSON is lost when no newline ends it",
        file=DECODE,
        old="events = self._lines(body)",
        new='events = self._lines(body[: body.rfind(b"\\n") + 1])',
        tests=(f"{OF_DECODE}::test_events_keep_the_order_of_the_request",),
    ),
    Bug(
        name="The index of a rejected event is off by one",
        file=DECODE,
        old="for index, raw in enumerate(raws):",
        new="for index, raw in enumerate(raws, start=1):",
        tests=(f"{OF_DECODE}::test_one_bad_event_leaves_the_others",),
    ),
    Bug(
        name="The indexes behind a rejected event are off by one",
        file=DECODE,
        old="indexes.append(index)",
        new="indexes.append(len(indexes))",
        tests=(f"{OF_DECODE}::test_one_bad_event_leaves_the_others",),
    ),
    Bug(
        name="One bad event costs its whole request",
        file=DECODE,
        old="            return self._decode_array(body)\n",
        new="            raise _too_deep() from None\n",
        tests=(f"{OF_DECODE}::test_one_bad_event_leaves_the_others",),
    ),
    Bug(
        name="Half a character is taken and changed when its neighbour is no JSON",
        file=DECODE,
        old='yield text[at:end].encode("utf-8", "surrogateescape")',
        new='yield text[at:end].encode("utf-8", "replace")',
        tests=(f"{OF_DECODE}::test_every_event_of_a_mixture_gets_its_own_verdict",),
    ),
    Bug(
        name="The limit of events is off by one",
        file=DECODE,
        old="if count > self.max_events:",
        new="if count > self.max_events + 1:",
        tests=(f"{OF_DECODE}::test_one_event_too_many_refuses_the_request",),
    ),
    Bug(
        name="A verdict does not say where",
        file=EXPLAIN,
        old='return f"{path}.{name}", ',
        new="return path, ",
        tests=(f"{OF_EXPLAIN}::test_a_verdict_names_the_reason_the_place_and_the_remedy",),
    ),
    Bug(
        name="A verdict quotes what a user wrote",
        file=EXPLAIN,
        old="        return path, value[0]\n",
        new="        return path, complaint\n",
        tests=(f"{OF_EXPLAIN}::test_whatever_a_choice_is_replaced_by_the_reason_is_the_same",),
    ),
    Bug(
        name="Verdicts stand in the order of the checks",
        file=PIPELINE,
        old="            decoded.rejected.sort(key=lambda verdict: verdict.index)\n",
        new="",
        tests=(f"{OF_PIPELINE}::test_verdicts_come_in_the_order_of_the_request",),
    ),
    Bug(
        name="An answer counts rejected events as accepted",
        file=PIPELINE,
        old="return Outcome(len(accepted.events) - duplicates,",
        new="return Outcome(decoded.total - duplicates,",
        tests=(f"{OF_PIPELINE}::test_good_events_are_stored_and_bad_ones_are_named",),
    ),
    Bug(
        name="Events from the future are taken",
        file=ADMIT,
        old="        if ts > arrival + self.rules.clock_skew_seconds:\n",
        new="        if ts > arrival + 2 * self.rules.clock_skew_seconds:\n",
        tests=(f"{OF_ADMIT}::test_the_time_of_an_event_lies_in_a_window",),
    ),
    Bug(
        name="A bot may say itself when its event arrived",
        file=ADMIT,
        old=" or e.received_at is not UNSET:",
        new=":",
        tests=(f"{OF_ADMIT}::test_only_the_exporter_says_when_an_event_arrived",),
    ),
)
