"""Which pairs count as acknowledged: `exporter.service.alert_book`."""

from exporter.model.alerts import Acknowledgement, AlertRecord
from exporter.service.alert_book import MOST_PAIRS, acknowledged
from tests.unit.store.alerts import NOON, alert

ANN = Acknowledgement(at=NOON, author="Ann", comment="")


def record(name: str, bot: str = "shop", *, acked: bool = True) -> AlertRecord:
    """Return a firing alert."""
    return AlertRecord(
        alert=alert(name, bot),
        receivers=("exporter",),
        first_received_at=NOON,
        last_received_at=NOON,
        reports=1,
        acknowledgement=ANN if acked else None,
    )


def test_one_without_a_bot_has_an_empty_label() -> None:
    """Prometheus matches an empty label with a missing one."""
    assert [("DiskFull", "")] == acknowledged([record("DiskFull", "")])


def test_one_that_waits_is_enough_to_escalate() -> None:
    """The pair is what the rule asks for."""
    assert [("B", "shop")] == acknowledged(
        [record("A"), record("A", acked=False), record("B"), record("C", acked=False)]
    )


def test_pairs_are_bounded() -> None:
    """The rest folds into one that matches no alert."""
    many = [record(f"Alert{number}") for number in range(MOST_PAIRS + 50)]

    pairs = acknowledged(many)

    assert MOST_PAIRS + 1 == len(pairs)
    assert ("_other", "_other") == pairs[-1]
