"""What the demo tells: events at moments, told by stories that may begin further stories."""

from collections.abc import Iterator
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool
Event: TypeAlias = dict[str, Value]

# A story yields, in time order, what happens when: an event, or another story that begins.
Story: TypeAlias = Iterator["Timed"]
Timed: TypeAlias = tuple[float, Event | Story]

MINUTE = 60.0
HOUR = 3600.0
DAY = 86_400.0
