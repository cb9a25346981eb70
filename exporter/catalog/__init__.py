"""The one place where events, labels and metrics are declared; everything else is derived."""
