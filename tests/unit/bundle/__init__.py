"""Generated files, and the files that speak of metrics."""
