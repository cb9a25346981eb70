"""Plain values as bytes and back: exact for binary64 and 64-bit integers."""

from typing import Any

import msgspec

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder()


def pack(value: object) -> bytes:
    """Return *value* (numbers, text, bytes, lists, dicts of them) as MessagePack."""
    return _encoder.encode(value)


def unpack(data: bytes) -> Any:  # noqa: ANN401 - here bytes become objects
    """
    Return the value that `pack` was given; tuples come back as lists.

    Raises:
        ValueError: *data* is not MessagePack.
    """
    return _decoder.decode(data)
