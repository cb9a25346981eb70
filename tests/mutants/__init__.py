"""Bugs that are planted into a copy of the product, one at a time, and must be noticed."""
