"""Other people's services: what the exporter sends by itself, and how it is signed."""
