"""The benchmarks measure what they say; how fast anything is, no test asks."""
