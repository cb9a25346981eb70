"""The specification: what the product does, as sentences that run."""
