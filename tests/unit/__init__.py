"""One folder for each package of the exporter, tested through its public door."""
