"""Token buckets and the budget of bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.ingest.limits import MAX_BUCKETS, ByteBudget, TokenBuckets
from exporter.model.verdicts import Refusal, RefusedError

from .door import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    """Return a clock that stands still."""
    return ManualClock()


def test_a_burst_passes_and_the_next_event_waits(clock: ManualClock) -> None:
    """A full bucket gives its whole burst at once, and then one event per 1/rate seconds."""
    buckets = TokenBuckets(10, 100, clock)

    assert 0.0 == buckets.take("shop", 100)
    assert pytest.approx(0.1) == buckets.take("shop", 1)
    assert pytest.approx(0.1) == buckets.peek("shop")


def test_after_the_announced_wait_the_same_amount_passes(clock: ManualClock) -> None:
    """Retry-After is a promise."""
    buckets = TokenBuckets(10, 100, clock)
    buckets.take("shop", 100)

    clock.advance(buckets.take("shop", 40))

    assert 0.0 == buckets.take("shop", 40)


def test_a_refused_batch_is_not_charged(clock: ManualClock) -> None:
    """Trying too early does not push the end of the wait away."""
    buckets = TokenBuckets(10, 100, clock)
    buckets.take("shop", 100)

    waits = {buckets.take("shop", 50) for _ in range(5)}

    assert {5.0} == waits


def test_a_batch_larger_than_the_burst_passes_once_and_is_paid_off_later(
    clock: ManualClock,
) -> None:
    """No batch is impossible; one of three bursts makes the next wait for two."""
    buckets = TokenBuckets(10, 100, clock)

    assert 0.0 == buckets.take("shop", 300)
    assert pytest.approx(20.1) == buckets.peek("shop")


def test_tokens_do_not_share_a_bucket(clock: ManualClock) -> None:
    """One noisy sender cannot starve the others."""
    buckets = TokenBuckets(10, 100, clock)
    buckets.take("noisy", 100)

    assert buckets.peek("noisy") > 0
    assert 0.0 == buckets.take("quiet", 100)


def test_peeking_charges_nothing(clock: ManualClock) -> None:
    """The door looks before it reads a body; the pipeline charges for what is in it."""
    buckets = TokenBuckets(1, 1, clock)

    looks = [buckets.peek("shop") for _ in range(10)]

    assert [0.0] * 10 == looks
    assert 0.0 == buckets.take("shop", 1)


def test_a_rate_of_zero_means_no_limit(clock: ManualClock) -> None:
    """Limits can be switched off."""
    buckets = TokenBuckets(0, 1, clock)

    assert [0.0, 0.0] == [buckets.take("shop", 10**9), buckets.peek("shop")]


def test_a_reload_applies_to_buckets_in_use(clock: ManualClock) -> None:
    """A lower burst takes away what was saved up; a higher rate shortens the wait."""
    buckets = TokenBuckets(10, 100, clock)
    buckets.take("shop", 10)

    buckets.configure(100, 50)

    assert pytest.approx(0.1) == (buckets.take("shop", 50) or buckets.take("shop", 10))


def test_the_number_of_buckets_is_bounded_and_the_oldest_goes_first(clock: ManualClock) -> None:
    """Memory does not grow with the number of names."""
    buckets = TokenBuckets(1, 1, clock)
    for number in range(MAX_BUCKETS + 1):
        buckets.take(f"token-{number}", 1)

    assert MAX_BUCKETS == len(buckets)
    assert 0.0 == buckets.peek("token-0")
    assert buckets.peek("token-1") > 0


@given(
    st.lists(st.tuples(st.floats(0, 5), st.integers(1, 30)), min_size=1, max_size=60),
    st.floats(0.5, 50),
    st.floats(1, 50),
)
def test_no_more_passes_than_the_rate_the_burst_and_one_batch_allow(
    tries: list[tuple[float, int]], rate: float, burst: float
) -> None:
    """Whatever the pattern: admitted <= burst + rate * time + the debt of the last batch."""
    clock = ManualClock()
    buckets = TokenBuckets(rate, burst, clock)
    admitted, elapsed = 0, 0.0

    for pause, amount in tries:
        clock.advance(pause)
        elapsed += pause
        if buckets.take("shop", amount) == 0.0:
            admitted += amount

    assert admitted <= burst + rate * elapsed + 30 + 1e-6


def test_small_bodies_are_not_counted() -> None:
    """Reserving costs nothing for the bodies nearly all requests have."""
    budget = ByteBudget(1000, free_bytes=100)

    with budget.reservation() as held:
        held.grow_to(100)

        assert 0 == budget.used_bytes


def test_a_reservation_grows_and_is_given_back() -> None:
    """It counts its largest size, once, until the request is done."""
    budget = ByteBudget(1000, free_bytes=100)

    with budget.reservation() as held:
        sizes = []
        for size_bytes in (200, 600, 300):
            held.grow_to(size_bytes)
            sizes.append(budget.used_bytes)

    assert [200, 600, 600] == sizes
    assert 0 == budget.used_bytes


def test_what_does_not_fit_is_refused_as_overload_and_changes_nothing() -> None:
    """A client may come back in a second; what the request held before is given back."""
    budget = ByteBudget(1000, free_bytes=100)

    with budget.reservation() as other, budget.reservation() as held:
        other.grow_to(700)
        held.grow_to(300)
        with pytest.raises(RefusedError) as caught:
            held.grow_to(301)
        used_bytes = budget.used_bytes

    assert (Refusal.OVERLOADED, 1.0) == (caught.value.refusal, caught.value.retry_after_seconds)
    assert (1000, 0) == (used_bytes, budget.used_bytes)
