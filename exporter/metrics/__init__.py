"""Live metrics: rows of numbers, the code that updates them, and their exposition."""
