"""The queue is bounded, gives batches when they are due, and never stands in the way."""

import threading

from exporter.client.buffer import Buffer, Put
from exporter.client.limits import Limits

NO_HURRY = 3600.0


def buffer(dropped: list[int] | None = None, **limits: float) -> Buffer:
    """Return a queue with bounds of a test."""
    on_drop = dropped.append if dropped is not None else _unexpected
    return Buffer(Limits(**limits), on_drop)  # type: ignore[arg-type]


def _unexpected(events: int) -> None:
    raise AssertionError(f"{events} events dropped")


def test_a_full_batch_is_due_at_once() -> None:
    """A busy bot does not wait for the clock."""
    queue = buffer(batch_events=3, batch_seconds=NO_HURRY)
    for n in range(4):
        queue.put(b"%d" % n)

    assert [b"0", b"1", b"2"] == queue.take()


def test_a_single_event_is_due_after_the_waiting_time() -> None:
    """Nobody waits for company longer than that."""
    now = [100.0]
    queue = Buffer(Limits(batch_seconds=0.2), _unexpected, monotonic=now.pop)
    now[:] = [100.21, 100.0]  # Read from the end: when it looked, when it looked again.
    queue.put(b"1")

    assert [b"1"] == queue.take()
    assert not now


def test_events_come_out_in_their_order_and_within_the_bytes_of_a_batch() -> None:
    """A batch is neither too many nor too large; one large event goes alone."""
    queue = buffer(batch_events=10, batch_bytes=10, batch_seconds=1e-9)
    events = [b"a" * 4, b"b" * 4, b"c" * 12, b"d"]
    for event in events:
        queue.put(event)

    taken = [queue.take() for _ in range(3)]

    assert [events[:2], events[2:3], events[3:]] == taken


def test_the_oldest_events_go_when_there_are_too_many() -> None:
    """With the newest gone, questions without answers would look like failed turns."""
    dropped: list[int] = []
    queue = buffer(dropped, queue_events=3, batch_seconds=1e-9)
    puts = [queue.put(b"%d" % n) for n in range(5)]

    assert [b"2", b"3", b"4"] == queue.take()
    assert [1, 1] == dropped
    assert [Put.KEPT] * 3 + [Put.PUSHED_OUT] * 2 == puts


def test_the_oldest_events_go_when_they_are_too_large() -> None:
    """The memory of a bot is bounded in bytes, too."""
    dropped: list[int] = []
    queue = buffer(dropped, queue_bytes=10, batch_seconds=1e-9)
    queue.put(b"1234")
    queue.put(b"5678")

    assert Put.PUSHED_OUT is queue.put(b"0123456789")
    assert [2] == dropped
    assert [b"0123456789"] == queue.take()


def test_an_event_larger_than_the_queue_does_not_empty_it() -> None:
    """One monster must not cost the others."""
    queue = buffer(queue_bytes=10, batch_seconds=1e-9)
    queue.put(b"1")

    assert Put.TOO_LARGE is queue.put(b"12345678901")
    assert [b"1"] == queue.take()


def test_a_batch_on_its_way_counts_as_queued_until_it_is_settled() -> None:
    """Nothing is nowhere."""
    queue = buffer(batch_seconds=1e-9)
    queue.put(b"1")
    queue.take()
    queue.put(b"2")

    on_its_way = queue.queued()
    queue.settle()

    assert (2, 1) == (on_its_way, queue.queued())


def test_a_flush_makes_what_is_in_due_and_waits_for_it() -> None:
    """Whoever flushes does not wait for company."""
    queue = buffer(batch_events=2, batch_seconds=NO_HURRY)
    for n in range(3):
        queue.put(b"%d" % n)
    taken = []

    def work() -> None:
        for _ in range(2):
            taken.append(queue.take())
            queue.settle()

    worker = threading.Thread(target=work)
    worker.start()
    flushed = queue.flush(20)
    worker.join()

    assert flushed
    assert [[b"0", b"1"], [b"2"]] == taken


def test_a_flush_gives_up_at_its_time_out() -> None:
    """Without a sender nothing arrives."""
    queue = buffer()
    queue.put(b"1")

    assert not queue.flush(0.001)


def test_a_closed_queue_gives_what_it_has_and_then_nothing() -> None:
    """The end is an empty batch."""
    queue = buffer(batch_seconds=NO_HURRY)
    queue.put(b"1")
    queue.close(NO_HURRY)

    assert Put.CLOSED is queue.put(b"2")
    assert [b"1"] == queue.take()
    queue.settle()
    assert [] == queue.take()


def test_a_rest_lasts_as_long_as_it_should() -> None:
    """Other threads wake it, and it goes on resting."""
    queue, time = timed()

    assert queue.rest(1.0, may_be_cut=True)
    assert 1.0 == time.now
    assert [1.0, 0.5] == time.waits


def test_closing_cuts_a_backoff_for_a_last_attempt() -> None:
    """Perhaps the exporter is back."""
    queue, time = timed()
    queue.close(5.0)

    assert queue.rest(30.0, may_be_cut=True)
    assert 5.0 == time.now
    assert not queue.rest(30.0, may_be_cut=True)


def test_closing_does_not_cut_what_the_server_asked_for() -> None:
    """Then there is no time for another attempt, and no reason to wait."""
    queue, time = timed()
    queue.close(5.0)

    assert not queue.rest(30.0, may_be_cut=False)
    assert 0.0 == time.now
    assert queue.rest(4.0, may_be_cut=False)


class Time:
    """A clock that waiting moves; every other waiting is woken half-way."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Stand for `threading.Condition.wait`."""
        assert timeout is not None
        self.waits.append(timeout)
        self.now += timeout / 2 if len(self.waits) == 1 else timeout
        return True


def timed() -> tuple[Buffer, Time]:
    """Return a queue that lives in a time of its own."""
    time = Time()
    queue = Buffer(Limits(), _unexpected, monotonic=lambda: time.now)
    queue._changed.wait = time.wait  # type: ignore[method-assign] # noqa: SLF001 - stands for time
    return queue, time
