"""The whole product as its users run it: real processes, real HTTP, a real Prometheus."""
