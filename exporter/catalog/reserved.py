"""Names that nobody may give to something of their own, and why."""

RESERVED_PREFIXES = {
    "bot_exporter_": "is for the exporter itself",
    "__": "is for Prometheus itself",
}
FOREIGN_METRICS = ("go_", "process_", "python_", "scrape_", "prometheus_", "alertmanager_")
RESERVED_LABELS = {
    "le": "is the bound of a bucket",
    "quantile": "is for summaries",
    "job": "is set by Prometheus",
    "instance": "is set by Prometheus",
    **dict.fromkeys(
        ("env", "environment", "region", "service", "cluster", "type"),
        "describes the target; set it in the scrape configuration",
    ),
    "version": "is a label of bot_version_info alone; join with it in PromQL",
}
# Keys of an event that are no field of a type, and what the door adds.
RESERVED_FIELDS = ("type", "received_at")
HISTOGRAM_ENDINGS = ("_bucket", "_sum", "_count", "_created")
FOREIGN_UNITS = {
    "milliseconds": "seconds",
    "ms": "seconds",
    "microseconds": "seconds",
    "nanoseconds": "seconds",
    "minutes": "seconds",
    "hours": "seconds",
    "days": "seconds",
    "kilobytes": "bytes",
    "megabytes": "bytes",
    "kb": "bytes",
    "mb": "bytes",
    "percent": "ratio",
    "percentage": "ratio",
    "dollars": "usd",
    "cents": "usd",
}


def reserved_prefix(name: str) -> str | None:
    """Return why *name* is taken by its first letters, or None."""
    for prefix, reason in RESERVED_PREFIXES.items():
        if name.startswith(prefix):
            return f"the prefix {prefix} {reason}; choose another name"
    return None


def exposed_names(kind: str, name: str) -> frozenset[str]:
    """Return every name a family takes up in OpenMetrics: its own and those of its samples."""
    if kind == "counter":
        family = name.removesuffix("_total")
        return frozenset((family, f"{family}_total", f"{family}_created"))
    if kind == "histogram":
        return frozenset((name, *(name + ending for ending in HISTOGRAM_ENDINGS)))
    return frozenset((name,))
