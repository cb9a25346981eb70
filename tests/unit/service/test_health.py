"""The life of the process as others see it: `exporter.service.health`."""

from exporter.service.health import Health, Stage


def told(health: Health) -> tuple[Stage, bool, bool, bool]:
    """Return the stage, whether it is ready, whether it serves, whether it gives a reason."""
    return health.stage, health.is_ready, health.serves, bool(health.why)


def test_a_start_recovers_and_says_so() -> None:
    """It is alive, not ready, and answers no request yet."""
    assert (Stage.RECOVERING, False, False, True) == told(Health())


def test_ready_needs_no_reason() -> None:
    """Everything is served."""
    health = Health()

    health.become_ready()

    assert (Stage.READY, True, True, False) == told(health)


def test_who_stops_still_answers_what_has_arrived() -> None:
    """But takes itself out of the rotation."""
    health = Health()
    health.become_ready()

    health.stop()

    assert (Stage.STOPPING, False, True, True) == told(health)
