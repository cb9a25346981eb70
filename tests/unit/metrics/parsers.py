"""The parsers of prometheus_client, which read a page as Prometheus would."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from prometheus_client import Metric as Parsed
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.parser import text_string_to_metric_families

END = "# EOF\n"

Labels = tuple[tuple[str, str], ...]


class Sample(NamedTuple):
    """One number of the page, however it was written."""

    name: str
    labels: Labels
    value: float


# The library has no annotations of its own here.
_openmetrics: Callable[[str], Iterable[Parsed]] = openmetrics_parser.text_string_to_metric_families


def parsed(page: str, *, openmetrics: bool) -> list[Parsed]:
    """Return the families of a page; OpenMetrics must end with its mark."""
    return list(_openmetrics(page) if openmetrics else text_string_to_metric_families(page))


def samples(families: list[Parsed]) -> list[Sample]:
    """Return every sample, sorted."""
    return sorted(
        Sample(s.name, tuple(sorted(s.labels.items())), s.value)
        for f in families
        for s in f.samples
    )
