"""Alerting, with the real programs: rules, routes, receivers, and the whole path."""
