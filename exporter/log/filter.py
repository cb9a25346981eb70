"""A filter in front of the run files: "surely not there" for the price of one byte."""

from itertools import combinations

KEY_BYTES = 16
SMALLEST_BYTES = 1 << 16
# An id sets two bits of one byte. At two bytes for each id 3 % of the absent
# ids pass, at one and a third 7 %: those are looked up in the runs.
BYTES_PER_ID = 2
_HASH_BITS = 32

# Bits are kept inverted (1 = free), so that a test is one AND against zero.
_PAIRS = [sum(1 << bit for bit in pair) for pair in combinations(range(8), 2)]
_TEST = bytes(_PAIRS[value % len(_PAIRS)] for value in range(256))
_CLEAR = bytes(~mask & 0xFF for mask in _TEST)


class IdFilter:
    """
    A blocked Bloom filter over 16-byte digests; *size* is a power of two.

    Never says "absent" of an id that was added. One thread adds; another may
    ask at the same time.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.added = 0
        self._shift = _HASH_BITS + 1 - size.bit_length()
        self._free = bytearray(b"\xff") * size

    def add(self, keys: bytes) -> None:
        """Add the 16-byte keys that stand one behind the other in *keys*."""
        free, shift = self._free, self._shift
        for word, clear in zip(_words(keys), keys[4::KEY_BYTES].translate(_CLEAR), strict=True):
            free[word >> shift] &= clear
        self.added += len(keys) // KEY_BYTES

    def candidates(self, keys: bytes) -> list[int]:
        """Return the indexes of the keys that may have been added."""
        free, shift = self._free, self._shift
        tests = zip(_words(keys), keys[4::KEY_BYTES].translate(_TEST), strict=True)
        return [index for index, (word, test) in enumerate(tests) if not free[word >> shift] & test]


def size_for(ids: int, limit: int) -> int:
    """Return the bytes of a filter for *ids* and as many again, at most for *limit* ids."""
    size = SMALLEST_BYTES
    while size < ids * 2 * BYTES_PER_ID and size * 2 <= limit * BYTES_PER_ID:
        size *= 2
    return size


def _words(keys: bytes) -> list[int]:
    """Return the first four bytes of each key as a number."""
    with memoryview(keys) as plain, plain.cast("I") as quarters:
        return quarters[::4].tolist()
