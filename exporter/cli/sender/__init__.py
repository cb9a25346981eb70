"""The parts of ``bot-exporter send``: read lines, make batches, deliver them, tell how it went."""
