"""The durable, append-only event log: what is acknowledged is on disk, once."""
