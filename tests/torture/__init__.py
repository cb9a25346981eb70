"""Fault scenarios: long by `python -m tests.torture`, short in `tests/faults`."""
