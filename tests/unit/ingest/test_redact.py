"""Masking of personal data in free text: `exporter.ingest.redact`."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.ingest.redact import redact, redact_properties

KIB_64 = 65_536
TOKEN = "bo_9Vx0aS1dF2gH3jK4lQ5wE6rT7yU8iO9pZ0xC1vB2nM3"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to ann@shop.example", "write to [email]"),
        ("Пишите на анна@почта.рф, спасибо", "Пишите на [email] спасибо"),
        ("schreib an jürgen.müller@büro.example!", "schreib an [email]"),
        ("お問い合わせ:taro@example.jp まで", "[email] まで"),
        ("mailto:ann+tag@shop.example", "[email]"),
        ("<ann@shop.example>", "[email]"),
        ("ann@localhost", "[email]"),
        ("I am @ann_lee on telegram", "I am [email] on telegram"),
        ("see https://shop.example/order?id=1", "see [link]"),
        ("voir HTTP://SHOP.EXAMPLE", "voir [link]"),
        ("www.shop.example today", "[link] today"),
        ("t.me/ann and shop.example/u/ann", "[link] and [link]"),
        ("(https://a.example)", "[link]"),
        ("+49 (170) 123-45-67", "[number]"),
        ("мой номер 8 912 345 67 89", "мой номер [number]"),
        ("call 030/1234567 now", "call [number] now"),
        ("4111 1111 1111 1111", "[number]"),
        ("DE89 3704 0044 0532 0130 00", "DE[number]"),
        ("رقمي ٠١٢٣٤٥٦٧٨٩", "رقمي [number]"),
        ("电话13812345678。", "电话[number]。"),
        ("1.2.3.4.5.6.7", "[number]"),
        ("order 1234567", "order [number]"),
        (f"my token is {TOKEN}", "my token is [secret]"),
        ("key=sk-proj-abc123def456ghi789jkl", "[secret]"),
        ("123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "[number]:[secret]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3", "[secret]"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    """E-mail addresses, links, tokens and runs of 7 or more digits, in any language."""
    assert masked == redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello, where is my parcel?",
        "Где мой заказ?",
        "我的包裹在哪里?",
        "It costs 12.50 EUR, or 1 234 roubles",
        "from 9:00 to 18:30 on 2026",
        "and/or, 24/7, 3.5/5",
        "Donaudampfschifffahrtsgesellschaftskapitän",
        "pneumonoultramicroscopicsilicovolcanoconiosis",
        "e.g. this, i.e. that...",
        "123456",
    ],
)
def test_plain_words_stay(text: str) -> None:
    """A text that is kept is kept for reading."""
    assert text == redact(text)


SPACES = st.sampled_from([" ", "\n", "\t", ", ", " – ", "。 "])


@given(st.text(max_size=60), SPACES, st.text(max_size=60))
def test_an_address_never_survives(before: str, space: str, after: str) -> None:
    """Whatever stands around it."""
    assert "lee@shop" not in redact(f"{before}{space}ann.lee@shop.example{space}{after}")


@given(st.text(max_size=60), SPACES, st.text(max_size=60))
def test_a_token_never_survives(before: str, space: str, after: str) -> None:
    """Nor does a telephone number."""
    clean = redact(f"{before}{space}{TOKEN}{space}+491701234567{space}{after}")

    assert TOKEN[:20] not in clean
    assert "1701234" not in clean


@given(st.text(max_size=100))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    """A retry that went through a proxy of its own must look the same."""
    assert redact(text) == redact(redact(text))


def test_properties_that_hold_nothing_personal_are_left_alone() -> None:
    """None says so, and saves a copy."""
    assert redact_properties({"a": "hello", "b": 1, "c": 1.5, "d": True, "e": None}) is None


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("ann@shop.example", "[email]"),
        (79_161_234_567, "[number]"),
        (-79_161_234_567, "[number]"),
        (79_161_234_567.0, "[number]"),
        (1_000_000, "[number]"),
    ],
)
def test_values_of_properties_are_masked(value: str | float, masked: str) -> None:
    """A telephone number may well be sent as a number."""
    assert {"x": masked, "y": "z"} == redact_properties({"x": value, "y": "z"})


@pytest.mark.parametrize("value", [999_999, 1_234_567.5, True, None, 1e-9])
def test_numbers_that_are_no_telephone_numbers_stay(value: float | None) -> None:
    """Seven digits before the point are needed."""
    assert redact_properties({"x": value}) is None


@pytest.mark.parametrize(
    ("key", "masked"), [("ann@shop.example", "[email]"), ("79161234567", "[number]")]
)
def test_keys_made_of_people_are_masked(key: str, masked: str) -> None:
    """Some bots count by user: the name of a property is as personal then as its value."""
    assert {masked: 1, "step_2_completed_at_once": 2} == redact_properties(
        {key: 1, "step_2_completed_at_once": 2}
    )


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "@",
        "/",
        ".",
        "1",
        "1 ",
        "12345 6",
        "+1",
        "1  ",
        "a.",
        "a@",
        "a/.",
        "aaaaaaaaaaaaaaaaaaa ",
        "abc1",
        "x.yy",
        "é",
        "( ).-",
        "www.",
        "://",
    ],
)
def test_the_work_grows_with_the_text_and_not_faster(piece: str) -> None:
    """Eight times the text takes about eight times the work; going back over it would take 64."""
    text = piece * (KIB_64 // len(piece))

    eighth, whole = cpu_seconds(text[: len(text) // 8]), cpu_seconds(text)

    assert whole <= 24 * eighth


def cpu_seconds(text: str) -> float:
    """Return the least processor time of this thread that masking took; waiting is none."""
    times = []
    for _ in range(5):
        began = time.thread_time()
        redact(text)
        times.append(time.thread_time() - began)
    return min(times)
