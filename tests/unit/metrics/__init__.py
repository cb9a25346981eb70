"""Live metrics: from accepted events to the page that Prometheus reads."""
