"""Files derived from the catalogue, and the check of files that speak of it."""
