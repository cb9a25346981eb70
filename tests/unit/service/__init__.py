"""Tests of `exporter.service`."""
