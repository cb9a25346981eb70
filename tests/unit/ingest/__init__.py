"""The way in, from the socket to the verdict."""
