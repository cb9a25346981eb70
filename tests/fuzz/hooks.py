"""
What schemathesis must not hold against us; it loads this file in its own process.

An empty `Content-Encoding` is no encoding (RFC 9110, 8.4): the door reads the body as it is,
while the schema lists names only.
"""

from collections.abc import Mapping

import schemathesis


def filter_headers(context: object, headers: Mapping[str, str] | None) -> bool:
    """Return whether a request with these headers is worth sending."""
    named = {name.lower(): value for name, value in (headers or {}).items()}
    encoding = named.get("content-encoding")
    return not isinstance(encoding, str) or bool(encoding.strip())


schemathesis.hook(filter_headers)
