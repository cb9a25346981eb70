"""Seeded synthetic bots: everything here is a function of the seed and of the time it is given."""
