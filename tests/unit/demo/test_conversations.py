"""Conversations: what follows what, what it leads to, and which variant is better."""

from collections import Counter, defaultdict
from math import sqrt

import pytest

from exporter.demo.bots import Bot
from exporter.demo.cast import BANK, BOTS, DESK, SHOP
from exporter.demo.chance import seeded
from exporter.demo.closing import finish
from exporter.demo.incidents import Calendar, Incident, Kind
from exporter.demo.journey import journey
from exporter.demo.people import Population
from exporter.demo.story import Event
from exporter.demo.visit import Visit

from .telling import WEDNESDAY, Moment, of_type

EIGHT_STEPS = [
    *("conversation_started", "interest_shown", "products_viewed", "product_selected"),
    *("size_selected", "cart_added", "purchase_initiated", "purchase_completed"),
]
FIVE_STEPS = ["bot_start", "first_message", "product_view", "purchase", "payment_completed"]
MANY = 12_000
CLEARLY = 3.0  # Standard errors.


def visits(bot: Bot, count: int) -> list[Visit]:
    """Return visits that have not begun, on a day without trouble."""
    calm = Calendar(7, [Incident(Kind.LLM_OUTAGE, 0.0, 0.0, None)])
    rng, population = seeded(7), Population(7, bot, 1000.0, WEDNESDAY)
    return [
        Visit(
            bot=bot,
            person=population.visitor(rng),
            name=f"visit-{number}",
            version="1",
            calendar=calm,
            rng=seeded("visit", number),
            at=WEDNESDAY,
        )
        for number in range(count)
    ]


def z_score(wins: dict[str, int], trials: dict[str, int]) -> float:
    """Return by how many standard errors B is better than A (two proportions, pooled)."""
    pooled = sum(wins.values()) / sum(trials.values())
    error = sqrt(pooled * (1 - pooled) * sum(1 / trials[v] for v in "AB"))
    return (wins["B"] / trials["B"] - wins["A"] / trials["A"]) / error


def by_conversation(told: list[Moment]) -> dict[str, list[Event]]:
    """Return the events of each conversation whose beginning is among them."""
    found: dict[str, list[Event]] = defaultdict(list)
    for _, event in told:
        if "conversation" in event:
            found[str(event["conversation"])].append(event)
    return {n: e for n, e in found.items() if e[0]["type"] == "conversation_started"}


@pytest.mark.parametrize(
    ("bot", "funnel", "steps"),
    [
        (SHOP, "checkout", EIGHT_STEPS),
        (SHOP, "acquisition", FIVE_STEPS),
        (BANK, "acquisition", FIVE_STEPS),
    ],
)
def test_the_funnels_have_their_steps(bot: Bot, funnel: str, steps: list[str]) -> None:
    """Those that the product speaks of everywhere, in their order."""
    declared = [s for stage in bot.funnel for f, s in stage.steps if f == funnel]

    assert steps == declared


def test_funnels_only_lose_people(afternoon: list[Moment]) -> None:
    """Each step is reached by fewer than the one before, and the last by some."""
    steps = Counter(
        e["step"] for e in of_type(afternoon, "funnel_step") if e["funnel"] == "checkout"
    )

    reached = [steps[step] for step in EIGHT_STEPS]

    assert sorted(reached, reverse=True) == reached
    assert 0.03 < reached[-1] / reached[0] < 0.15


def test_a_purchase_completes_the_funnel(afternoon: list[Moment]) -> None:
    """Money comes from people who went all the way."""
    for events in by_conversation(afternoon).values():
        steps = [event["step"] for event in events if event["type"] == "funnel_step"]
        for event in events:
            if event["type"] == "purchase":
                assert "payment_completed" in steps


def test_money_comes_in_two_currencies(afternoon: list[Moment]) -> None:
    """Sums across currencies must stay apart."""
    assert {"EUR", "USD"} == {e["currency"] for e in of_type(afternoon, "purchase")}


def test_a_refund_follows_its_purchase(afternoon: list[Moment]) -> None:
    """Of the same order, later, and never more than was paid."""
    bought = {e["order"]: e for e in of_type(afternoon, "purchase")}
    refunds = [e for e in of_type(afternoon, "refund") if e["order"] in bought]

    assert refunds
    for event in refunds:
        paid = bought[event["order"]]
        assert float(paid["ts"]) < float(event["ts"])
        assert float(paid["amount"]) >= float(event["amount"])
        assert paid["currency"] == event["currency"]


def test_a_follow_up_follows_its_lead(afternoon: list[Moment]) -> None:
    """Contacted first, then qualified, then won or lost."""
    order = {"contacted": 1, "qualified": 2, "won": 3, "lost": 3}
    leads = {e["lead"] for e in of_type(afternoon, "lead")}
    stages: dict[object, list[int]] = defaultdict(list)
    for event in of_type(afternoon, "lead_followup"):
        if event["lead"] in leads:
            stages[event["lead"]].append(order[str(event["outcome"])])

    assert [3] in [stage[2:] for stage in stages.values()]
    assert all(stage == [1, 2, 3][: len(stage)] for stage in stages.values())


def test_a_conversation_ends_once_and_last(afternoon: list[Moment]) -> None:
    """With the number of turns it had."""
    for events in by_conversation(afternoon).values():
        types = [event["type"] for event in events]
        if "conversation_ended" in types:
            end = events[types.index("conversation_ended")]
            assert 1 == types.count("conversation_ended")
            assert types.count("message_received") == end["turns"]
            assert {"refund"} >= set(types[types.index("conversation_ended") + 1 :])


def test_escalations_and_outcomes_agree(afternoon: list[Moment]) -> None:
    """A conversation was escalated if and only if a person took over."""
    for events in by_conversation(afternoon).values():
        outcomes = [e["outcome"] for e in events if e["type"] == "conversation_ended"]
        was_escalated = any(event["type"] == "escalation" for event in events)
        assert not outcomes or (outcomes == ["escalated"]) == was_escalated


def test_all_outcomes_happen_and_most_are_good(afternoon: list[Moment]) -> None:
    """Without an incident no alert about quality would fire: resolved is above 70 percent."""
    outcomes = Counter(e["outcome"] for e in of_type(afternoon, "conversation_ended"))

    assert {"resolved", "unresolved", "escalated", "abandoned"} == set(outcomes)
    assert 0.7 < outcomes["resolved"] / outcomes.total() < 0.85


def test_ratings_are_asked_for_and_given(afternoon: list[Moment]) -> None:
    """In all three ways; the mean is above 4 of 5 while nothing is wrong."""
    feedback = of_type(afternoon, "feedback")
    scores = [int(event["csat"]) for event in feedback if "csat" in event]

    assert {"up", "down"} == {event["thumbs"] for event in feedback if "thumbs" in event}
    assert set(range(3, 11)) <= {event["nps"] for event in feedback if "nps" in event}
    assert set(range(1, 6)) == set(scores)
    assert 4.0 < sum(scores) / len(scores) < 4.5
    assert len([e for e in feedback if e.get("requested")]) > len(scores)


@pytest.mark.parametrize("bot", BOTS, ids=lambda bot: bot.name)
def test_each_bot_lives_on_its_two_platforms(afternoon: list[Moment], bot: Bot) -> None:
    """And on no other."""
    started = of_type(afternoon, "conversation_started")

    assert set(bot.platforms) == {e["platform"] for e in started if e["bot"] == bot.name}


@pytest.mark.parametrize(("bot", "least"), [(SHOP, CLEARLY), (BANK, 2.0)], ids=["shop", "bank"])
def test_variant_b_sells_more(bot: Bot, least: float) -> None:
    """An analysis of the experiment has something to find; in the bank it needs more visits."""
    wins, trials = Counter[str](), Counter[str]()
    for visit in visits(bot, MANY):
        for part in journey(visit):
            list(part)
        trials[visit.person.variant] += 1
        wins[visit.person.variant] += visit.purchases

    assert z_score(wins, trials) > least


def test_variant_b_solves_more_where_nothing_is_sold() -> None:
    """The desk's experiment is about answers."""
    wins, trials = Counter[str](), Counter[str]()
    for visit in visits(DESK, MANY):
        visit.begin()
        *_, (_, end) = finish(visit)
        assert isinstance(end, dict)
        trials[visit.person.variant] += 1
        wins[visit.person.variant] += end["outcome"] == "resolved"

    assert z_score(wins, trials) > CLEARLY
