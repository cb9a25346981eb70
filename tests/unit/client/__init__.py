"""Tests of the client for bots."""
