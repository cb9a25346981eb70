"""What lies on the disk of an exporter, as bytes to search."""

import sys
from collections.abc import Iterator
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def stored_bytes(directory: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield every file below *directory* with its content, compressed ones unpacked."""
    for path in sorted(directory.rglob("*")):
        if path.is_file() and not path.is_socket():
            content = path.read_bytes()
            yield path, zstd.decompress(content) if path.suffix == ".zst" else content
