"""What would be stored of a body, without storing it: `exporter.ingest.pipeline`."""

import json

import pytest

from exporter.model.verdicts import RefusedError
from tests.unit.ingest.parts import ANYBODY, sample
from tests.unit.ingest.test_pipeline import Rig


def test_a_rehearsal_passes_every_check_and_leaves_no_trace() -> None:
    """The stored form is that of a real event; nothing counts and nothing is on its way."""
    rig = Rig(rate=1)

    body = json.dumps(sample(user="ann")).encode()
    rig.pipeline.rehearse(body, ANYBODY)
    stored = json.loads(rig.pipeline.rehearse(body, ANYBODY))

    assert "heartbeat" == stored["type"]
    assert "ann" != stored["user"]
    assert (0, 0, 0) == rig.counted


@pytest.mark.parametrize("body", [b"{", b"[1]", json.dumps(sample(bot="_selftest")).encode()])
def test_what_would_be_rejected_is_refused(body: bytes) -> None:
    """Also as a single event of a batch."""
    rig = Rig()
    with pytest.raises(RefusedError):
        rig.pipeline.rehearse(body, ANYBODY)
