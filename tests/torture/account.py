"""The account at the end of a scenario: every acknowledged event is counted exactly once."""

import asyncio
from dataclasses import dataclass

from tests.support.server import Exporter
from tests.torture.bots import Bots
from tests.torture.scenario import Figures, Stage
from tests.torture.watch import counted, scrape


@dataclass(frozen=True, slots=True)
class Account:
    """Events that were acknowledged, lost and counted twice."""

    acknowledged: int
    lost: int
    doubled: int

    def __add__(self, other: "Account") -> "Account":
        """Return the account of both."""
        return Account(
            acknowledged=self.acknowledged + other.acknowledged,
            lost=self.lost + other.lost,
            doubled=self.doubled + other.doubled,
        )

    def figures(self, stage: Stage, *, rounds: int, facts: str = "") -> Figures:
        """Return the figures of a scenario; AssertionError if anything was lost or doubled."""
        assert (0, 0) == (self.lost, self.doubled), f"seed {stage.seed}: {self}"
        return Figures(rounds, self.acknowledged, self.lost, self.doubled, facts)


async def settle(stage: Stage, exporter: Exporter, bots: Bots, *, others: int = 0) -> Account:
    """
    Compare the counters with the ledger of *bots*, send all of it again, and compare once more.

    An acknowledged event that is accepted again was lost; what the counter shows beyond the
    acknowledged ones was counted twice. *others* is what somebody else sent.
    """
    before = counted(await asyncio.to_thread(scrape, exporter)) - others
    again = await bots.send_again()
    after = counted(await asyncio.to_thread(scrape, exporter)) - others
    account = Account(
        acknowledged=bots.acknowledged,
        lost=again.accepted,
        doubled=before - (bots.acknowledged - again.accepted),
    )
    what = f"seed {stage.seed}: {account}, {again}"
    assert 0 == bots.tally.rejected == again.rejected, what
    assert bots.acknowledged == again.accepted + again.duplicates, what
    assert before + again.accepted == after, what
    await asyncio.to_thread(exporter.scrape, stage.promtool)  # Its format and its identity.
    return account
