"""Events that make a wanted number of series: what the curves of series are drawn over."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

BATCH = 1_000  # The most events of a request.
WITHOUT_EVENTS = 350  # Series of the exporter itself and of a bot that begin at 0.
PER_MODEL = 35  # Series of one model.


@dataclass(frozen=True, slots=True)
class Fill:
    """Half of the series are counters of one family, half belong to rows with histograms."""

    intents: int
    models: int

    @classmethod
    def of(cls, series: int) -> Self:
        """Return the fill that makes about *series* series, `WITHOUT_EVENTS` among them."""
        half = max(0, series - WITHOUT_EVENTS) // 2
        return cls(max(1, half), max(1, half // PER_MODEL))

    def bodies(self, most: Self) -> Iterator[bytes]:
        """
        Yield the request bodies.

        There are as many events as *most* needs, whatever the size: what events cost beside
        their series, such as the digests of their ids, is then the same for every size.
        """
        events = [_intent(number, number % self.intents) for number in range(most.intents)]
        events += [_llm_call(number, number % self.models) for number in range(most.models)]
        for start in range(0, len(events), BATCH):
            yield json.dumps(events[start : start + BATCH]).encode()


def _intent(number: int, value: int) -> dict[str, object]:
    return {
        "type": "intent_detected",
        "id": f"fill-{number}",
        "ts": time.time(),
        "bot": "fill-bot",
        "intent": f"value_{value}",
        "confidence": 0.9,
    }


def _llm_call(number: int, value: int) -> dict[str, object]:
    return {
        "type": "llm_call",
        "id": f"fill-{number}",
        "ts": time.time(),
        "bot": "fill-bot",
        "model": f"value_{value}",
        "duration_seconds": 0.7,
        "first_token_seconds": 0.2,
        "input_tokens": 900,
        "output_tokens": 120,
        "cost_usd": 0.002,
    }
