"""Where events and operational state are kept: ClickHouse SQL and SQLite."""
