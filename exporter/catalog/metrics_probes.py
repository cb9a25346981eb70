"""Families of the checks from outside: the only place these names are born."""

from ..model.probing import ProbeKind, ProbePhase, ProbeReason, ProbeState
from ..model.units import Unit
from .labels import BOT
from .own import own_family
from .spec import Kind, Label, Metric

MOST_PROBES = 1000

PROBE = Label(name="probe", doc="Name of a check, as configured.", limit=MOST_PROBES)
GROUP = Label(name="group", doc="Group of a check, as configured.", limit=100)
KIND = Label(
    name="kind",
    doc="What a check speaks.",
    limit=len(ProbeKind),
    choices=tuple(kind.value for kind in ProbeKind),
)
STATE = Label(
    name="state",
    doc="State of a check after debouncing.",
    limit=len(ProbeState),
    choices=tuple(state.value for state in ProbeState),
)
PHASE = Label(
    name="phase",
    doc="Part of the time a run took.",
    limit=len(ProbePhase),
    choices=tuple(phase.value for phase in ProbePhase),
)
REASON = Label(
    name="reason",
    doc="Why a run did not succeed.",
    limit=len(ProbeReason),
    choices=tuple(reason.value for reason in ProbeReason),
)

# The same bounds as answers of bots have, with the 2 s of the service level among them.
DURATION_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
# Below 1 s a start is in time; beyond 10 s the plan cannot be kept.
LAG_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)

_C, _G, _H = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM

INFO = own_family(
    "bot_probe_info",
    _G,
    "Kind of a check, and the bot and group it belongs to; always 1.",
    labels=(PROBE, KIND, GROUP, BOT),
)
STATES = own_family(
    "bot_probe_state",
    _G,
    "1 for the state a check is in after debouncing, 0 for the others.",
    labels=(PROBE, STATE),
)
EXPLAINED = own_family(
    "bot_probe_dependency_down",
    _G,
    "1 while something the check depends on is down, otherwise 0.",
    labels=(PROBE,),
)
RUNS = own_family("bot_probes_total", _C, "Runs of a check, failed ones included.", labels=(PROBE,))
FAILURES = own_family(
    "bot_probe_failures_total",
    _C,
    "Runs of a check that did not succeed; the reason internal says nothing about the target.",
    labels=(PROBE, REASON),
)
DURATION = own_family(
    "bot_probe_duration_seconds",
    _H,
    "Time a run of a check took; of one that was tried again, the last attempt.",
    labels=(PROBE,),
    unit=Unit.SECONDS,
    buckets=DURATION_BUCKETS,
)
PHASE_DURATION = own_family(
    "bot_probe_phase_duration_seconds",
    _G,
    "Time that a part of the last run took.",
    labels=(PROBE, PHASE),
    unit=Unit.SECONDS,
)
CERTIFICATE_EXPIRY = own_family(
    "bot_probe_certificate_expiry_timestamp_seconds",
    _G,
    "When the first certificate that the target showed last expires.",
    labels=(PROBE,),
    unit=Unit.TIMESTAMP,
)
AUTH_FAILURES = own_family(
    "bot_probe_auth_failures_total",
    _C,
    "Runs in which the target refused the credentials of the check.",
    labels=(PROBE,),
)
QUOTA_REMAINING = own_family(
    "bot_probe_quota_remaining",
    _G,
    "Calls the target still allows, by the rate-limit headers of its last answer.",
    labels=(PROBE,),
)
QUOTA_LIMIT = own_family(
    "bot_probe_quota_limit",
    _G,
    "Calls the target allows in a period, by the rate-limit headers of its last answer.",
    labels=(PROBE,),
)
SCHEDULE_LAG = own_family(
    "bot_exporter_probe_schedule_lag_seconds",
    _H,
    "Time from the planned start of a run to its start.",
    unit=Unit.SECONDS,
    buckets=LAG_BUCKETS,
)
SKIPPED = own_family(
    "bot_exporter_probe_runs_skipped_total",
    _C,
    "Planned runs left out because the one before still went on.",
)
RUNNING = own_family("bot_exporter_probes_running", _G, "Runs of checks under way.")
RUNNING_LIMIT = own_family(
    "bot_exporter_probes_running_limit", _G, "Runs of checks that may be under way at once."
)

ALL = tuple(value for value in dict(globals()).values() if isinstance(value, Metric))
