"""Functions that take any bytes and say what they are: a class of answer, or AssertionError."""
