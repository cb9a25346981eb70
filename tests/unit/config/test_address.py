"""Where a listener binds: `exporter.config.address`."""

import pytest

from exporter.config.address import Address, parse_address


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:10350", "127.0.0.1", 10350),
        (":10350", "", 10350),
        ("[::1]:10350", "::1", 10350),
        ("exporter-internal:0", "exporter-internal", 0),
    ],
)
def test_an_address_reads_and_shows_as_written(text: str, host: str, port: int) -> None:
    """An empty host is every interface; port 0 is any free port."""
    assert Address(host, port) == parse_address(text)
    assert text == str(parse_address(text))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (":1", "127.0.0.1:1", True),
        ("a:1", "a:1", True),
        ("a:1", "b:1", False),
        (":1", ":2", False),
        (":0", ":0", False),
    ],
)
def test_two_listeners_need_two_ports(first: str, second: str, *, expected: bool) -> None:
    """Every interface overlaps each of them; port 0 overlaps nothing."""
    assert expected is parse_address(first).overlaps(parse_address(second))
