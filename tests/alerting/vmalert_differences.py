"""Where VictoriaMetrics' rules for PromQL give another answer than Prometheus, and why that is so."""

DIFFERENCES: dict[str, dict[str, str]] = {}
