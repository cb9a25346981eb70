"""bot_exporter: bot events and health probes as Prometheus metrics."""

__version__ = "0.1.0"
