"""The way to a purchase: funnel steps, products shown, payments and what comes back of them."""

from collections.abc import Iterator
from random import Random

from .chance import around, happens
from .story import MINUTE, Event, Story, Value
from .visit import Visit

LIFT = 1.3  # Factor of variant B on the last stage, which the experiment is about.
REFUNDED = 0.08
PRICE_SPREAD = 0.25


def journey(visit: Visit) -> Iterator[Story]:
    """Yield one part for the beginning of the conversation and one for each turn; it may end."""
    product = visit.bot.products.draw(visit.rng) if visit.bot.products else ""
    last = len(visit.bot.funnel) - 1
    for number, stage in enumerate(visit.bot.funnel):
        probability = stage.probability
        if probability < 1.0:
            probability *= visit.person.eagerness
        if number == last and visit.is_improved:
            probability *= LIFT
        if not happens(visit.rng, probability):
            return
        yield _reach(visit, stage.steps, product if stage.shows_product else "")
    if product:
        yield _buy(visit, product)


def _reach(visit: Visit, steps: tuple[tuple[str, str], ...], product: str) -> Story:
    for funnel, step in steps:
        visit.at += around(visit.rng, 0.02)
        yield visit.event("funnel_step", funnel=funnel, step=step)
    if product:
        yield visit.event("product_viewed", product=product)


def _buy(visit: Visit, product: str) -> Story:
    rng = visit.rng
    visit.at += around(rng, 2.0)
    visit.purchases += 1
    visit.happiness += 0.1
    amount = round(around(rng, visit.bot.prices[product], PRICE_SPREAD), 2)
    paid: dict[str, Value] = {
        "amount": amount,
        "currency": "USD" if visit.person.country == "US" else visit.bot.currency,
        "order": f"order-{visit.conversation}",
    }
    yield visit.event("purchase", product=product, **paid, **visit.audience)
    if happens(rng, REFUNDED):
        later = visit.at + around(rng, 15 * MINUTE)
        _, event = visit.event("refund", **paid)
        yield visit.at, _refund(event, later, rng)


def _refund(event: Event, at: float, rng: Random) -> Story:
    """Yield the refund at its time; sometimes only a part comes back."""
    event["ts"] = round(at, 3)
    if happens(rng, 0.3):
        event["amount"] = round(float(event["amount"]) / 2, 2)
    yield at, event
