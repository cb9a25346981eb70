"""Bugs of the HTTP door: sizes, deadlines, rates, and what a refused client is told."""

from .bug import Bug

ANSWERS = "exporter/ingest/http_answers.py"
BODY = "exporter/ingest/body.py"
GUARD = "exporter/ingest/http_guard.py"
HTTP_BODY = "exporter/ingest/http_body.py"
LIMITS = "exporter/ingest/limits.py"
OF_BODY = "tests/unit/ingest/test_body.py"
OF_CONNECTIONS = "tests/unit/ingest/test_http_connections.py"
OF_HTTP = "tests/unit/ingest/test_http.py"
OF_HTTP_BODY = "tests/unit/ingest/test_http_body.py"
OF_LIMITS = "tests/unit/ingest/test_limits.py"

BUGS = (
    Bug(
        name="The limit of a body is off by one",
        file=HTTP_BODY,
        old="if (request.content_length or 0) > self._limits.max_bytes:",
        new="if (request.content_length or 0) >= self._limits.max_bytes:",
        tests=(f"{OF_HTTP_BODY}::test_the_size_limit_is_exact",),
    ),
    Bug(
        name="A body in chunks has no limit",
        file=HTTP_BODY,
        old="                    if len(wire) > self._limits.max_bytes:\n",
        new="                    if len(wire) > self._limits.max_bytes * 100:\n",
        tests=(
            (
                f"{OF_HTTP_BODY}"
                "::test_a_chunked_body_beyond_the_limit_is_refused_before_all_of_it_came"
            ),
        ),
    ),
    Bug(
        name="The limit does not hold for the inflated size",
        file=BODY,
        old="allowed = min(max_bytes, max(",
        new="allowed = max(max_bytes, max(",
        tests=(f"{OF_BODY}::test_the_ratio_limit_starts_above_64_kib",),
    ),
    Bug(
        name="A bomb is inflated whole before it is refused",
        file=BODY,
        old="part = stream.decompress(data, room + 1)",
        new="part = stream.decompress(data, 1 << 28)",
        tests=(f"{OF_BODY}::test_a_gibibyte_in_a_gzip_costs_no_more_than_the_limit",),
    ),
    Bug(
        name="A truncated compressed body is taken as it is",
        file=BODY,
        old="    if not stream.eof:\n",
        new="    if not part and not stream.eof:\n",
        tests=(f"{OF_BODY}::test_a_truncated_body_is_malformed_wherever_it_ends",),
    ),
    Bug(
        name="Large bodies take memory without a limit",
        file=LIMITS,
        old="if self._used_bytes + size_bytes - held_bytes > self.max_bytes:",
        new="if size_bytes - held_bytes > self.max_bytes:",
        tests=(f"{OF_LIMITS}::test_what_does_not_fit_is_refused_as_overload_and_changes_nothing",),
    ),
    Bug(
        name="A slow header has no deadline",
        file=GUARD,
        old=(
            "        self._is_timed = True\n"
            "        self._gate.headers.start(self)\n"
            "\n"
            "    def connection_lost("
        ),
        new="        self._is_timed = True\n\n    def connection_lost(",
        tests=(
            f"{OF_CONNECTIONS}::test_headers_that_do_not_arrive_are_408_and_the_connection_closes",
        ),
    ),
    Bug(
        name="Every byte of a header extends its deadline",
        file=GUARD,
        old="        if not self._is_timed:\n",
        new="        if True:\n",
        tests=(f"{OF_CONNECTIONS}::test_a_drip_of_header_bytes_does_not_extend_the_deadline",),
    ),
    Bug(
        name="A slow body has no deadline",
        file=HTTP_BODY,
        old="asyncio.timeout(self._limits.timeout_seconds)",
        new="asyncio.timeout(None)",
        tests=(f"{OF_HTTP_BODY}::test_a_slow_body_is_408_and_closes",),
    ),
    Bug(
        name="The number of connections is not limited",
        file="exporter/ingest/http_gate.py",
        old="if limit and len(self._connections) >= limit:",
        new="if limit < 0 and len(self._connections) >= limit:",
        tests=(f"{OF_CONNECTIONS}::test_new_connection_limits_apply_without_a_restart",),
    ),
    Bug(
        name="The rate limiter never refills",
        file=LIMITS,
        old="min(self._burst, bucket.level + (now - bucket.at) * self._rate)",
        new="min(self._burst, bucket.level)",
        tests=(f"{OF_LIMITS}::test_after_the_announced_wait_the_same_amount_passes",),
    ),
    Bug(
        name="The rate limiter does not limit",
        file=LIMITS,
        old="        if missing > 0:\n",
        new="        if missing > self._burst:\n",
        tests=(f"{OF_LIMITS}::test_a_burst_passes_and_the_next_event_waits",),
    ),
    Bug(
        name="The rate limiter is not asked",
        file="exporter/ingest/pipeline.py",
        old="        if wait:\n",
        new="        if wait < 0:\n",
        tests=(
            (
                "tests/unit/ingest/test_pipeline.py"
                "::test_a_token_that_sends_too_much_is_told_when_to_come_back"
            ),
        ),
    ),
    Bug(
        name="A refused client is not told when to come back",
        file=ANSWERS,
        old="    if seconds is not None:\n",
        new="    if error.retry_after_seconds:\n",
        tests=(f"{OF_HTTP}::test_retry_after_is_given_where_trying_again_helps",),
    ),
    Bug(
        name="A client is told to come back too early",
        file=ANSWERS,
        old="str(max(1, math.ceil(seconds)))",
        new="str(max(1, math.floor(seconds)))",
        tests=(f"{OF_HTTP}::test_retry_after_is_rounded_up_to_whole_seconds",),
    ),
    Bug(
        name="A full log is answered like a malformed body",
        file="exporter/ingest/statuses.py",
        old="    Refusal.LOG_FULL: HTTPStatus.INSUFFICIENT_STORAGE,\n",
        new="    Refusal.LOG_FULL: HTTPStatus.BAD_REQUEST,\n",
        tests=(f"{OF_HTTP}::test_every_refusal_has_its_status_and_the_same_shape",),
    ),
    Bug(
        name="A stop does not wait for the answers under way",
        file="exporter/ingest/http_connections.py",
        old="        await self._gate.wait_until_empty(timeout_seconds - grace_seconds)\n",
        new="",
        tests=(f"{OF_CONNECTIONS}::test_a_stop_waits_for_the_answer_under_way_and_then_closes",),
    ),
)
