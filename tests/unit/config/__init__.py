"""What an operator may write, and what happens when it is wrong."""
