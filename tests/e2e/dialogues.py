"""Conversations of real people with an assistant; the data lies beside the repository."""

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "DIALOGUES_FILE"
BESIDE = Path(__file__).parent.parent.parent.parent / "shared" / "data" / "dialogues.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the assistant to a service; *results* is how many things it found."""

    service: str
    method: str
    results: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said, and why."""

    speaker: str
    text: str
    intents: tuple[str, ...]
    acts: frozenset[str]
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation; user and system take turns, the user begins."""

    name: str
    services: tuple[str, ...]
    turns: tuple[Turn, ...]


def read_dialogues(most: int | None = None) -> list[Dialogue]:
    """Return the first *most* dialogues, all of them by default; a missing file fails the test."""
    path = Path(os.environ.get(VARIABLE, BESIDE))
    if not path.is_file():
        pytest.fail(f"no dialogues in {path}: put them there, or name their file in {VARIABLE}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [_dialogue(json.loads(line)) for line, _ in zip(lines, _counter(most), strict=False)]


def _counter(most: int | None) -> range:
    return range(most if most is not None else 1_000_000)


def _dialogue(raw: dict[str, Any]) -> Dialogue:
    return Dialogue(
        name=raw["id"],
        services=tuple(raw["services"]),
        turns=tuple(_turn(turn) for turn in raw["turns"]),
    )


def _turn(raw: dict[str, Any]) -> Turn:
    return Turn(
        speaker=raw["speaker"],
        text=raw["text"],
        intents=tuple(raw.get("intents", ())),
        acts=frozenset(raw["acts"]),
        calls=tuple(Call(**call) for call in raw.get("calls", ())),
    )
