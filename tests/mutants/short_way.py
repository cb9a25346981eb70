"""Bugs of the short way for plain requests: what it may not take, and what it may not lose."""

from .bug import Bug

EXPRESS = "exporter/ingest/http_express.py"
HEAD = "exporter/ingest/http_head.py"
HTTP = "exporter/ingest/http.py"
OF_EXPRESS = "tests/unit/ingest/test_http_express.py"
OF_HEAD = "tests/unit/ingest/test_http_head.py"
OF_HTTP = "tests/unit/ingest/test_http.py"

BUGS = (
    Bug(
        name="A plain request may hide another one in its chunks",
        file=HEAD,
        old="if name not in READ or name in headers:",
        new="if name in headers:",
        tests=(f"{OF_HEAD}::test_a_head_that_says_more_is_left_to_a_whole_parser",),
    ),
    Bug(
        name="Of two lengths of a plain request the last one counts",
        file=HEAD,
        old="if name not in READ or name in headers:",
        new="if name not in READ:",
        tests=(f"{OF_HEAD}::test_a_head_that_says_more_is_left_to_a_whole_parser",),
    ),
    Bug(
        name="The length of a plain request may have a sign",
        file=HEAD,
        old='_LENGTH = re.compile(rb"[0-9]',
        new='_LENGTH = re.compile(rb"[+-]?[0-9]',
        tests=(f"{OF_HEAD}::test_a_length_is_digits_and_small",),
    ),
    Bug(
        name="A plain request needs a token and no more",
        file=HTTP,
        old="return self._let_in(head.authorization)",
        new="return self.authenticator.authenticate(head.authorization)",
        tests=(f"{OF_HTTP}::test_a_token_without_the_ingest_scope_is_403",),
    ),
    Bug(
        name="The limit of bodies does not hold for plain requests",
        file=HTTP,
        old="if head.body_bytes > self.bodies.max_bytes:",
        new="if head.body_bytes < 0:",
        tests=(f"{OF_EXPRESS}::test_a_body_over_a_small_limit_is_too_large",),
    ),
    Bug(
        name="A plain request behind another one is lost",
        file=EXPRESS,
        old="            self._hold(data[size:])\n",
        new="            self._wanted_bytes = 0\n",
        tests=(
            (f"{OF_EXPRESS}::test_requests_on_one_connection_are_answered_one_after_the_other"),
        ),
    ),
    Bug(
        name="The body of a plain request has no deadline",
        file=EXPRESS,
        old="            self._gate.bodies.start(self)\n",
        new="",
        tests=(f"{OF_EXPRESS}::test_a_body_that_takes_its_time_has_the_configured_time",),
    ),
    Bug(
        name="A slow body loses its beginning on the way to aiohttp",
        file=EXPRESS,
        old="        self._hand_over(self._taken())\n",
        new="        self._hand_over(self._taken()[1:])\n",
        tests=(f"{OF_EXPRESS}::test_a_late_rest_of_a_body_is_still_taken",),
    ),
    Bug(
        name="A stop cuts off a plain request that is being answered",
        file=EXPRESS,
        old="return self._task is None and not self._held and super().is_idle",
        new="return super().is_idle",
        tests=(f"{OF_EXPRESS}::test_a_stop_answers_what_is_under_way_and_says_so",),
    ),
    Bug(
        name="A client that sends ahead fills the memory",
        file=EXPRESS,
        old="if len(self._held) > READ_BUFFER_BYTES and ",
        new="if len(self._held) < 0 and ",
        tests=(f"{OF_EXPRESS}::test_a_client_that_sends_ahead_is_slowed_down_not_lost",),
    ),
    Bug(
        name="A connection is closed as idle while its commit is slow",
        file=EXPRESS,
        old="        if self._task is None:\n            super()._process_keepalive()\n",
        new="        if self._loop:\n            super()._process_keepalive()\n",
        tests=(f"{OF_EXPRESS}::test_a_slow_commit_outlives_the_idle_time_out",),
    ),
)
