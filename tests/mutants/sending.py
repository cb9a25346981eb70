"""Bugs of the client: it must not disturb the bot, and must lose or double nothing."""

from .bug import Bug

BUFFER = "exporter/client/buffer.py"
DELIVERY = "exporter/client/delivery.py"
SENDER = "exporter/client/sender.py"
OF_BUFFER = "tests/unit/client/test_buffer.py"
OF_CLIENT = "tests/unit/client/test_client.py"
OF_DELIVERY = "tests/unit/client/test_delivery.py"
OF_LIFETIME = "tests/unit/client/test_lifetime.py"

BUGS = (
    Bug(
        name="The client makes new ids when it tries again",
        file=DELIVERY,
        old="            asked = None\n",
        new=(
            "            asked = None\n"
            "            if attempt:\n"
            """                again = package.body.replace(b'"id":', b'"id":"again","was":')\n"""
            "                package = Package(again, is_packed=package.is_packed)\n"
        ),
        tests=(f"{OF_DELIVERY}::test_a_passing_refusal_sends_the_same_bytes_again",),
    ),
    Bug(
        name="The client gives up after the first refusal that passes",
        file=DELIVERY,
        old="                if _is_final(answer) or ",
        new="                if answer or ",
        tests=(f"{OF_DELIVERY}::test_a_passing_refusal_sends_the_same_bytes_again",),
    ),
    Bug(
        name="The client takes any 202 for a yes",
        file=DELIVERY,
        old="    if answer.status not in _WITH_VERDICTS:\n",
        new=(
            "    if answer.status == HTTPStatus.ACCEPTED:\n"
            "        yes = _Outcome(0)\n"
            "        yes.accepted = events\n"
            "        return yes\n"
            "    if answer.status not in _WITH_VERDICTS:\n"
        ),
        tests=(f"{OF_DELIVERY}::test_a_yes_of_somebody_else_is_no_yes",),
    ),
    Bug(
        name="The client comes back before it was told to",
        file="exporter/client/patience.py",
        old="return jittered if asked is None else asked + jittered - ceiling / 2",
        new="return jittered",
        tests=(f"{OF_DELIVERY}::test_retry_after_is_the_least_the_client_waits",),
    ),
    Bug(
        name="The client raises into the bot",
        file="exporter/client/shield.py",
        old="        return True\n",
        new="        return False\n",
        tests=(f"{OF_CLIENT}::test_send_never_raises",),
    ),
    Bug(
        name="The client does not flush at the end of the process",
        file=SENDER,
        old="atexit.register(_at_exit)",
        new="atexit.unregister(_at_exit)",
        tests=(f"{OF_LIFETIME}::test_the_end_of_the_process_sends_what_is_queued",),
    ),
    Bug(
        name="A client that closes comes back before the exporter asked for it",
        file=BUFFER,
        old="                if is_cut and not may_be_cut:\n",
        new="                if is_cut is None:\n",
        tests=(f"{OF_BUFFER}::test_closing_does_not_cut_what_the_server_asked_for",),
    ),
    Bug(
        name="A forked child sends what its parent queued",
        file=SENDER,
        old="        self.buffer.clear()\n",
        new="",
        tests=(f"{OF_LIFETIME}::test_a_forked_child_sends_its_own_events_and_not_its_parents",),
    ),
    Bug(
        name="A full queue of the client grows",
        file=BUFFER,
        old="                self._push_out()\n",
        new="",
        tests=(f"{OF_BUFFER}::test_the_oldest_events_go_when_there_are_too_many",),
    ),
    Bug(
        name="A full queue of the client drops events without a count",
        file=BUFFER,
        old="        self._on_drop(dropped)\n",
        new="",
        tests=(f"{OF_CLIENT}::test_a_full_queue_drops_the_oldest_and_counts_them",),
    ),
    Bug(
        name="Half an emoji costs an event",
        file="exporter/client/encode.py",
        old='return text.encode("utf-8", "replace")',
        new='return text.encode("utf-8", "surrogatepass")',
        tests=(
            (
                "tests/unit/client/test_encode.py"
                "::test_half_an_emoji_costs_a_character_and_not_the_event"
            ),
        ),
    ),
)
