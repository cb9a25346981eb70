"""Schemathesis against our own OpenAPI document: every answer is one the document describes."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exporter.ingest.openapi import JSON_TYPES, LINES_TYPES
from tests.e2e.door import head
from tests.fuzz.account import Account
from tests.fuzz.live import LiveDoor, live_door
from tests.fuzz.part import Part
from tests.support.server import ROOT
from tests.torture.scenario import Scale, Stage

PATIENCE_SECONDS = 1800.0
# A schema knows neither the clock (`too_old`) nor the letters of a bot's name: what it allows may
# be rejected.
LEFT_OUT = "positive_data_acceptance"
_FAILURE = re.compile(r"=+ FAILURES =+\n(.*?)\n=+ SUMMARY =+", re.DOTALL)


def run(stage: Stage) -> Account:
    """Let schemathesis send what the document allows, and what it does not."""
    account = Account(stage.directory)
    report = stage.directory / "report.json"
    with live_door(stage, account) as door:
        done = subprocess.run(
            _command(stage, door, _document(stage, door), report),
            cwd=stage.directory,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert report.exists(), f"exit code {done.returncode}:\n{done.stdout}{done.stderr}"
        _read(json.loads(report.read_text(encoding="utf-8")), account)
        if done.returncode:
            found = _FAILURE.search(done.stdout)
            account.breach(found[1] if found else done.stdout[-4000:], b"")
        _take_over(door)
    return account


def _document(stage: Stage, door: LiveDoor) -> Path:
    """
    Write down the document as it is served, with two media types for events.

    The others are their aliases; with them schemathesis sends the same bodies three times.
    """
    answer = door.exchange(head("GET /openapi.json HTTP/1.1", ("Host", "x")))
    document = answer.json()
    content = document["paths"]["/v1/events"]["post"]["requestBody"]["content"]
    for media_type in set(content) - {JSON_TYPES[0], LINES_TYPES[0]}:
        del content[media_type]
    path = stage.directory / "openapi.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _command(stage: Stage, door: LiveDoor, document: Path, report: Path) -> list[str]:
    is_long = stage.scale is Scale.LONG
    return [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        str(document),
        f"--url=http://127.0.0.1:{door.exporter.ingest_port}",
        f"--header=Authorization: Bearer {door.exporter.token()}",
        f"--phases={'coverage,fuzzing' if is_long else 'fuzzing'}",
        "--checks=all",
        f"--exclude-checks={LEFT_OUT}",
        f"--max-examples={stage.pick(short=20, long=500)}",
        f"--seed={stage.seed}",
        "--continue-on-failure",
        "--generation-database=none",
        "--warnings=off",
        "--report=json",
        f"--report-json-path={report}",
    ]


def _read(report: Mapping[str, Any], account: Account) -> None:
    """Count the cases by what became of them; the rest had other methods or no token."""
    phases = [phase for rates in report["valid_rates"].values() for phase in rates.values()]
    for answer in ("accepted", "rejected"):
        account.note(answer, sum(phase[answer] for phase in phases))
    account.note("refused", report["test_cases"]["generated"] - account.inputs)


def _take_over(door: LiveDoor) -> None:
    """Take the verdicts that schemathesis was given as our own; the identity must hold anyway."""
    scrape = door.exporter.scrape_openmetrics()
    for part in ("accepted", "duplicate", "rejected"):
        door.verdicts[part] = int(scrape.value(f"bot_exporter_events_{part}_total"))


PART = Part("openapi", "schemathesis against the OpenAPI document", run)
