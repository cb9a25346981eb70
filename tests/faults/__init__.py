"""A short, seeded pass of each fault scenario; the long ones are `make torture`."""
