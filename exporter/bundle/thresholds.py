"""The thresholds as a file to copy from: each with its meaning, its limits and its default."""

import json
import math
from collections.abc import Iterator

from ..catalog.alert_spec import Threshold
from ..catalog.builtin import CATALOG
from ..catalog.thresholds import every_threshold, users_of
from ..config.reference import wrapped

FILE = "prometheus/thresholds.yml"
_HEAD = """\
# Every threshold of the alerts, at its default. Nothing reads this file: copy what you want to
# change into your site.yml and run `bot-exporter generate --config site.yml --output site`.
# How: docs/how-to/change-thresholds.md
thresholds:"""


def thresholds_file() -> str:
    """Return the file, which is a site's file that changes nothing."""
    lines = [_HEAD]
    for threshold in every_threshold().values():
        lines += ["", *_entry(threshold)]
    return "\n".join(lines).replace("thresholds:\n\n", "thresholds:\n") + "\n"


def _entry(threshold: Threshold) -> Iterator[str]:
    yield from wrapped(threshold.doc, "  ")
    yield from wrapped(f"{_limits(threshold)} {_scope(threshold)}", "  ")
    yield f"  {threshold.name}: {json.dumps(threshold.value)}"


def _limits(threshold: Threshold) -> str:
    if threshold.histogram:
        # A quantile beyond the last bound but one is never seen.
        bounds = CATALOG.metric(threshold.histogram).buckets[:-1]
        return f"One of {', '.join(f'{bound:g}' for bound in bounds)}."
    if math.isinf(threshold.most):
        return f"{threshold.least:g} or more."
    return f"{threshold.least:g} to {threshold.most:,.12g}."


def _scope(threshold: Threshold) -> str:
    own = " A bot may have its own." if threshold.per_bot else ""
    return f"Moves {', '.join(users_of(threshold.name))}.{own}"
