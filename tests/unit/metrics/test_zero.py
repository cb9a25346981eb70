"""Series that start at 0 before anything happened, so that the first increase is seen."""

from collections.abc import Iterable

from exporter.catalog.builtin import CATALOG
from exporter.catalog.spec import Kind

from .world import World

# What a registered bot without platforms shows, beside histograms that are empty.
OF_BOT = {
    "bot_sli_late_events_total",
    "bot_feedback_requested_total",
    "bot_fatal_errors_total",
    "bot_deploys_total",
    "bot_answers_total",
    "bot_intents_labelled_total",
    "bot_thumbs_total",
    "bot_nps_responses_total",
    "bot_sentiments_total",
    "bot_lead_followups_total",
}
HISTOGRAMS_OF_BOT = {
    "bot_intent_confidence_ratio",
    "bot_action_duration_seconds",
    "bot_conversation_duration_seconds",
    "bot_conversation_turns",
    "bot_escalation_wait_seconds",
    "bot_csat_score",
    "bot_lead_quality_ratio",
}
OF_PLATFORM = {
    "bot_messages_received_total",
    "bot_messages_sent_total",
    "bot_fallbacks_total",
    "bot_turns_total",
    "bot_turn_failures_total",
    "bot_response_duration_seconds",
    "bot_conversations_started_total",
    "bot_conversations_ended_total",
}


def families(names: Iterable[str]) -> set[str]:
    """Return the families of rendered series."""
    parts = {name.partition("{")[0] for name in names}
    return {
        next(
            (m.name for m in CATALOG.metrics if m.kind is Kind.HISTOGRAM and p.startswith(m.name)),
            p,
        )
        for p in parts
    }


def test_a_registered_bot_shows_every_family_that_can_be_known() -> None:
    """Closed labels are known in advance; open ones and gauges are not."""
    world = World()

    world.control(op="register", bots={"shop": []})

    series = world.series()
    assert OF_BOT | HISTOGRAMS_OF_BOT == families(series)
    assert {0.0} == set(series.values())


def test_a_registered_platform_shows_the_service_level_at_zero() -> None:
    """The first failure of a bot must be an increase, not a new series."""
    world = World()

    world.control(op="register", bots={"shop": ["web", "voice"]})

    series = world.series()
    assert OF_BOT | HISTOGRAMS_OF_BOT | OF_PLATFORM == families(series)
    for platform in ("web", "voice"):
        labels = f'{{bot="shop",platform="{platform}"}}'
        assert 0 == series[f"bot_turns_total{labels}"] == series[f"bot_turn_failures_total{labels}"]


def test_closed_labels_start_with_every_value() -> None:
    """One series for each value, in the order of declaration."""
    world = World()

    world.control(op="register", bots={"shop": ["web"]})

    names = [name for name in world.series() if name.startswith("bot_conversations_ended_total")]
    outcomes = CATALOG.metric("bot_conversations_ended_total").labels[-1].choices
    start = 'bot_conversations_ended_total{bot="shop",platform="web",outcome='
    assert [f'{start}"{outcome}"}}' for outcome in outcomes] == names


def test_a_new_model_starts_its_failures_and_tokens_at_zero() -> None:
    """A model is an open label; once it is known, its closed children are."""
    world = World()

    world.send({"type": "llm_call", "bot": "shop", "model": "m"})

    series = world.series()
    for family in ("bot_llm_request_failures_total", "bot_llm_tokens_total"):
        label = CATALOG.metric(family).labels[-1]
        for choice in label.choices:
            assert 0 == series[f'{family}{{bot="shop",model="m",{label.name}="{choice}"}}']


def test_a_bot_on_first_sight_starts_like_a_registered_one() -> None:
    """It need not be configured for its first rating to be seen."""
    world = World()

    world.send({"type": "heartbeat", "bot": "shop"})

    expected = OF_BOT | HISTOGRAMS_OF_BOT | {"bot_events_total", "bot_last_event_timestamp_seconds"}
    assert expected == families(world.series())


def test_a_gauge_is_absent_until_it_is_set() -> None:
    """A queue without a known age is not 0 seconds old."""
    world = World()
    world.control(op="register", bots={"shop": ["web"]})

    world.send({"type": "queue", "bot": "help", "queue": "mail", "depth": 0})

    series = world.series()
    assert 0 == series['bot_queue_depth{bot="help",queue="mail"}']
    assert not [name for name in series if name.startswith("bot_queue_oldest")]
    assert 'bot_last_event_timestamp_seconds{bot="shop"}' not in series


def test_the_overflow_of_bots_starts_like_a_bot() -> None:
    """Bots beyond the limit share one set of series, zeros included."""
    world = World()
    world.limit(labels={"bot": 0})

    world.send({"type": "heartbeat", "bot": "shop"}, {"type": "heartbeat", "bot": "help"})

    series = world.series()
    assert 2 == series['bot_events_total{bot="_other",event="heartbeat"}']
    assert 0 == series['bot_thumbs_total{bot="_other",verdict="down"}']
    assert not [name for name in series if "shop" in name or "help" in name]
