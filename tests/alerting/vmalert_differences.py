"""Where vmalert gives another answer than Prometheus, and why that is so."""

DIFFERENCES: dict[str, dict[str, str]] = {}
