"""``GET /probe``: gauges as blackbox has them, and nothing that should stay inside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from exporter.config.probes import Module, with_defaults
from exporter.probes.attempt import Attempts
from exporter.probes.page import MOST_AT_ONCE, ProbePage

from . import evil
from .bots import Bot
from .rig import LOOPBACK, Lines, SystemTime, module_of, workshop


@asynccontextmanager
async def page(**modules: Module) -> AsyncIterator[str]:
    """Serve the page and yield its URL."""
    probes = ProbePage(Attempts(clock=SystemTime(), log=Lines()))
    shop = workshop(allowed=LOOPBACK, files={"f": "sesame"})
    probes.configure(with_defaults(modules), shop)
    app = web.Application()
    probes.add_to(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"{site.name}/probe"
    finally:
        await runner.cleanup()


async def get(url: str, headers: dict[str, str] | None = None, **query: str) -> tuple[int, str]:
    """Return status and text of an answer."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, params=query, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


def values(text: str) -> dict[str, float]:
    """Return the samples of an exposition that is sound."""
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    samples = (sample for family in families for sample in family.samples)
    return {",".join((s.name, *s.labels.values())): s.value for s in samples}


async def test_a_good_target_gives_the_gauges_of_blackbox() -> None:
    """Existing rules and dashboards read on."""
    async with evil.serving(Bot(lambda _: "hello").behaviour) as bot, page() as url:
        status, text = await get(url, target=f"http://127.0.0.1:{bot.port}/")

    shown = values(text)
    assert 200 == status
    assert 1 == shown["probe_success"]
    assert (200, 5, 1.1) == (
        shown["probe_http_status_code"],
        shown["probe_http_content_length"],
        shown["probe_http_version"],
    )
    assert 4 == shown["probe_ip_protocol"]
    assert 0 < shown["probe_http_duration_seconds,processing"] < shown["probe_duration_seconds"]


async def test_a_failure_names_its_reason() -> None:
    """Blackbox leaves that to the log; a gauge can be alerted on."""
    async with evil.serving(evil.answering("500 Oh")) as bot, page() as url:
        _, text = await get(url, target=f"http://127.0.0.1:{bot.port}/")

    shown = values(text)
    assert (0, 1) == (shown["probe_success"], shown["probe_failure_info,status"])


async def test_nothing_secret_is_shown() -> None:
    """Neither headers nor bodies nor paths are part of the log."""
    http = {"header_files": {"X-Key": "f"}, "body_file": "f", "contains": ["hello"]}
    module = module_of(http={"method": "POST", **http})
    bot = Bot(lambda _: "hello reply")
    async with evil.serving(bot.behaviour) as server, page(secret=module) as url:
        target = f"http://127.0.0.1:{server.port}/token-in-path?key=in-query"
        _, text = await get(url, target=target, module="secret", debug="true")

    assert "sesame" == bot.asked[0].headers["x-key"]
    assert text.startswith("Log of the probe:")
    assert "Verdict: ok" in text
    assert not [word for word in ("sesame", "reply", "token-in-path", "in-query") if word in text]


async def test_the_timeout_of_the_scrape_is_kept() -> None:
    """An answer after the scraper has gone is none."""
    async with evil.serving(evil.hang) as server, page() as url:
        headers = {"X-Prometheus-Scrape-Timeout-Seconds": "0.7"}
        _, text = await get(url, headers, target=f"http://127.0.0.1:{server.port}/")

    shown = values(text)
    assert 0.2 == round(shown["probe_timeout_seconds"], 3)
    assert 1 == shown["probe_failure_info,response_timeout"]


async def test_a_wrong_request_is_told_what_is_wrong() -> None:
    """Modules that exist, and targets of the right form."""
    async with page(db=module_of(redis={})) as url:
        answers = [
            await get(url, target="x", module="none"),
            await get(url, module="http_2xx"),
            await get(url, target="x" * 3000),
            await get(url, target="not a url"),
            await get(url, target="127.0.0.1", module="tcp_connect"),
        ]

    assert [400] * 5 == [status for status, _ in answers]
    assert "known are: db, http_2xx, tcp_connect, tls_connect" in answers[0][1]


async def test_too_many_at_once_are_asked_to_come_back() -> None:
    """A crowd costs a bounded number of connections."""
    probes = ProbePage(Attempts(clock=SystemTime(), log=Lines()))
    probes.configure(with_defaults({}), workshop())
    probes._running = MOST_AT_ONCE  # noqa: SLF001 - fifty hanging requests would show the same
    app = web.Application()
    probes.add_to(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    status, _ = await get(f"{site.name}/probe", target="http://192.0.2.1/")
    await runner.cleanup()

    assert 503 == status
