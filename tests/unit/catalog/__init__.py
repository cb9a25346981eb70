"""What is declared, and what a user may add to it."""
