"""What the exporter sends by itself."""
