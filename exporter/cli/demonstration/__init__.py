"""The parts of ``bot-exporter demo``: stop politely, send and count, go live, tell the past."""
