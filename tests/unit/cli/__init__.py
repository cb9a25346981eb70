"""Tests of `exporter.cli`."""
