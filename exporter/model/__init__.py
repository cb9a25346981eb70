"""Values everybody shares; imports nothing of the project."""
