"""Reading single arguments; light, so that ``healthcheck`` starts fast."""

import argparse
from collections.abc import Callable
from typing import TypeVar

from ..catalog.quantities import Quantity

Read = TypeVar("Read")


def argument(read: Callable[[str], Read]) -> Callable[[str], Read]:
    """Return *read* for argparse: the text of its ValueError becomes the message."""

    def read_argument(text: str) -> Read:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read_argument


def seconds(text: str) -> float:
    """
    Return a duration such as ``90d``, ``1h30m`` or ``5s`` in seconds.

    Raises:
        ValueError: it is none, or no time at all.
    """
    duration = Quantity.DURATION.parse(text)
    if not duration:
        raise ValueError(f"{text!r} is no time at all; write {Quantity.DURATION.examples}")
    return duration
