"""Checks of bots from outside: HTTP, TCP, TLS, DNS, databases, conversations and heartbeats."""
