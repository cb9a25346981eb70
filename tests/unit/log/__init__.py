"""The durable event log: nothing acknowledged is lost, nothing counts twice."""
