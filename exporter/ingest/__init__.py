"""The way in: HTTP, limits, tokens, decoding, pseudonyms."""
