"""Fault scenarios against a real exporter: `python -m tests.torture`, and short in `tests/faults`."""
