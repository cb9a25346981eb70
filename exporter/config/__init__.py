"""Reads, checks and reloads what the operator configures."""
