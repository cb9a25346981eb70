"""What several suites need to drive real processes."""
