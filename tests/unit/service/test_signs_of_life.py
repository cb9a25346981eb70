"""When a bot was last heard of."""

from exporter.service.signs_of_life import SignsOfLife
from tests.unit.ingest.parts import sample

from .rig import open_core


async def test_each_event_has_its_own_last_time() -> None:
    """A bot that talks but sends no heartbeat is silent where heartbeats count."""
    rig = await open_core()
    signs = SignsOfLife(rig.live, now=rig.journal.writer.now_elapsed, clock=rig.clock)
    await rig.send(sample("heartbeat"))
    beat = rig.clock.wall()
    rig.clock.advance(30)
    await rig.send(sample("message_received"))
    rig.clock.advance(5)
    bot = str(sample()["bot"])

    assert beat == signs.last(bot, "heartbeat")
    assert beat + 30 == signs.last(bot, "message_received")
    assert beat + 30 == signs.last(bot, "")
    assert None is signs.last(bot, "lead")
    assert None is signs.last("nobody", "heartbeat")
    assert None is signs.last("nobody", "")
