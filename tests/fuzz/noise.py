"""The four readers of foreign bytes, under seeded wounds of texts they know."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from exporter.catalog.builtin import CATALOG
from exporter.catalog.examples import example
from exporter.config.reference import example_config
from exporter.log.commit import Batch
from exporter.log.frame import FILLER, FrameKind, encode_header
from tests.e2e.bodies import LENGTHS, MARKS, NUMBERS, SHAPES, TEXTS
from tests.fuzz import json_suite, naughty
from tests.fuzz.account import Account
from tests.fuzz.mutate import mutated
from tests.fuzz.part import Part
from tests.fuzz.targets.configuring import configure
from tests.fuzz.targets.decoding import decode
from tests.fuzz.targets.framing import frame
from tests.fuzz.targets.labelling import label
from tests.fuzz.values import raw
from tests.torture.scenario import Stage
from tests.unit.config.test_mutations import OWN

LONGEST = 4096
# What a reader must not raise, whatever it reads. AssertionError is a broken promise of a target.
SURPRISES = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, OSError),
    *(RecursionError, RuntimeError, TypeError, ValueError),
)


@dataclass(frozen=True, slots=True)
class Target:
    """A reader: what it does with bytes, texts to start from, and how many runs are worth it."""

    name: str
    read: Callable[[bytes], str]
    corpus: Callable[[], list[bytes]]
    short: int
    long: int
    guided: int

    def run(self, stage: Stage) -> Account:
        """Read every text of the corpus, then wounded ones."""
        account = Account(stage.directory)
        count = stage.pick(short=self.short, long=self.long)
        for data in self._inputs(stage.seed, count):
            try:
                account.note(self.read(data))
            except SURPRISES as error:
                account.note("broken")
                account.breach(f"{type(error).__name__}: {error}", data)
        return account

    def _inputs(self, seed: int, count: int) -> Iterator[bytes]:
        chance = Random(seed)
        corpus = self.corpus()
        yield from corpus[:count]
        for _ in range(count - len(corpus)):
            yield mutated(chance.choice(corpus), chance, corpus)


def _bodies() -> list[bytes]:
    events = [raw(example(event, CATALOG)) for event in CATALOG.events]
    batches = [b"[" + b",".join(events[n : n + 3]) + b"]" for n in range(len(events))]
    lines = [b"\n".join(events[n : n + 3]) for n in range(len(events))]
    listed = [case.body for case in (*SHAPES, *MARKS, *TEXTS, *NUMBERS, *LENGTHS)]
    suite = [case.text for case in json_suite.cases()]
    return _short([*events, *batches, *lines, *listed, *suite])


def _segments() -> list[bytes]:
    def written(kind: FrameKind, body: bytes, elapsed: float) -> bytes:
        batch = Batch(kind, body, 1, 1_770_000_000.0, elapsed=elapsed)
        return encode_header(batch) + body

    frames = [written(kind, b"x" * n, n / 7) for n in (0, 1, 40, 300) for kind in FrameKind]
    return [b"".join(frames[:n]) + bytes([FILLER]) * (n % 5) for n in range(len(frames))]


def _texts() -> list[bytes]:
    links = ["ann@shop.example", "https://shop.example/u/1", "a\u0000b\u202ec\n", '"\\{}']
    return [text.encode() for text in (*naughty.strings(), *links)]


def _files() -> list[bytes]:
    return [text.encode() for text in (example_config(), OWN, "{}", "ingest: {max_events: 5}\n")]


def _short(texts: list[bytes]) -> list[bytes]:
    return [text for text in texts if len(text) <= LONGEST]


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target("decode", decode, _bodies, short=3000, long=200_000, guided=100_000),
        Target("frame", frame, _segments, short=3000, long=100_000, guided=50_000),
        Target("config", configure, _files, short=150, long=5000, guided=10_000),
        Target("labels", label, _texts, short=600, long=20_000, guided=30_000),
    )
}
PARTS = tuple(
    Part(f"noise-{name}", f"seeded wounds for the {name} target", target.run, target.read)
    for name, target in TARGETS.items()
)
