"""The whole path of alerts, with both pairs of programs; `make alerting-e2e` runs it."""
