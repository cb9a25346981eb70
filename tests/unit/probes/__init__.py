"""Checks from outside: targets that behave badly, addresses that are forbidden, the plan."""
