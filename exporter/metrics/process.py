"""Process and garbage-collector metrics, which prometheus_client knows how to read."""

from collections.abc import Callable

from prometheus_client import (
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import CollectorRegistry

# The library has no annotations of its own.
_generate: Callable[[CollectorRegistry], bytes] = generate_latest
_generate_openmetrics: Callable[[CollectorRegistry], bytes] = generate_openmetrics


class ProcessMetrics:
    """The ``process_*`` and ``python_*`` families of this process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def text(self, *, openmetrics: bool) -> str:
        """Return the sample lines, without OpenMetrics' end mark."""
        if openmetrics:
            return _generate_openmetrics(self._registry).decode().removesuffix("# EOF\n")
        return _generate(self._registry).decode()
