"""
Where vmalert gives another answer than Prometheus, and why that is so.

MetricsQL: `increase` counts a series that is born from 0, Prometheus from its first value; and it
looks at the last sample before the window, so a window ends a step later.
"""

BORN = "a series that is born at 3 has increased by 3 for VictoriaMetrics, by 0 for Prometheus"
LATER = "the sample before the window counts, so the 95th percentile falls a step later"

DIFFERENCES: dict[str, dict[str, str]] = {
    "BotResponseStillSlow.test.yml": {"near miss: slow for eight minutes": LATER},
    "ExporterLogDamaged.test.yml": {"near miss: more than a day ago": BORN},
    "ExporterMessagesGivenUp.test.yml": {"zero and restored counters": BORN},
    "ExporterTaskRestarting.test.yml": {
        "fires": BORN,
        "near miss: three restarts, of which the first began the series": BORN,
        "zero and restored counters": BORN,
        "resolves": BORN,
    },
}
