"""An hour and a half of the demo that several tests look at."""

import pytest

from exporter.demo.story import HOUR

from .telling import Moment, moments, settings


@pytest.fixture(scope="session")
def afternoon() -> list[Moment]:
    """Return what the bots tell in an hour and a half."""
    return list(moments(settings(), 1.5 * HOUR))
