"""What must hold of every rule, as functions that yield one line per violation."""

import re
from collections.abc import Iterable, Iterator, Mapping

from exporter.bundle.lint import PARTS
from exporter.catalog.alert_spec import Threshold
from exporter.catalog.spec import Catalog, Kind, Metric

from .rulebook import Rule

# Nobody is woken for anything else. Another one needs a reason as good as theirs.
PAGES = frozenset(
    {
        "BotDown",  # Users talk to nobody.
        "SloFastBurn",  # The budget of a month is gone within days.
        "ExporterDown",  # Nothing is seen any more.
        "ExporterRefusesEvents",  # What bots cannot keep for long is lost.
        "ExporterDiskFullSoon",  # Then events are refused, too.
        "NotificationPipelineDead",  # Nobody would hear of the rest.
        "AlertUnacknowledged",  # Nobody answers to one of these.
    }
)
FOR_MACHINES = frozenset({"Watchdog"})
SEVERITIES = ("critical", "warning", "info", "none")
TEAMS = ("bots", "platform", "business")
ANNOTATIONS = ("summary", "description", "runbook_url", "dashboard_url")
SLO_LEVEL = "slo"  # Objectives are recorded by their own names, whatever metric they count.

_BOUND = re.compile(r'([\w:]+)\{[^{}]*?\ble\s*(=~|!~|!=|=)\s*"([^"]*)"')
_NAME = re.compile(r"(?<![\w:$\"])[a-zA-Z_:][\w:]*")
_AGGREGATE = re.compile(r"(?:sum|max|min) without \(([^)]*)\) \(\s*(?:\w+\(\s*)?(\w+)")
_OPERAND = re.compile(r"(?:sum|max|min) without \([^)]*\) \(|[\w:]+\Z")
_COMPARED = re.compile(r"\s*(?:>=|<=|==|!=|>|<)\s*[\d.]+\Z")


def severity_problems(rules: Iterable[Rule]) -> Iterator[str]:
    """Yield alerts that call the wrong people, or say too little."""
    for rule in rules:
        if not rule.alert:
            continue
        severity, team = rule.labels.get("severity"), rule.labels.get("team")
        if severity not in SEVERITIES or team not in TEAMS:
            yield f"{rule.alert}: severity {severity} and team {team}; nobody would hear of it"
        if severity == "critical" and rule.alert not in PAGES:
            yield f"{rule.alert}: may not wake anybody; it is not in PAGES"
        if severity != "critical" and rule.alert in PAGES:
            yield f"{rule.alert}: is in PAGES, but wakes nobody"
        if (severity == "none") is not (rule.alert in FOR_MACHINES):
            yield f"{rule.alert}: severity none is for machines"
        for key in ANNOTATIONS:
            if not rule.annotations.get(key):
                yield f"{rule.alert}: has no {key}"
        if not rule.annotations.get("runbook_url", "").endswith(f"#{rule.alert.lower()}"):
            yield f"{rule.alert}: runbook_url does not lead to the section of its name"


def bound_problems(rules: Iterable[Rule], catalog: Catalog) -> Iterator[str]:
    """Yield every ``le`` that no bucket has as Prometheus 3 writes it."""
    for rule in rules:
        for series, op, bound in _BOUND.findall(rule.expr):
            family = _histogram(series, catalog)
            if family is None:
                yield f"{rule.name}: {series} is no bucket of the catalogue"
            elif op != "=" or bound not in _bounds(family):
                yield f'{rule.name}: le{op}"{bound}" is no bound of {family.name}'


def threshold_problems(thresholds: Iterable[Threshold], catalog: Catalog) -> Iterator[str]:
    """Yield thresholds that lie off a bound of their histogram, or outside their own limits."""
    for threshold in thresholds:
        if not threshold.least <= threshold.value <= threshold.most:
            limits = f"{threshold.least}..{threshold.most}"
            yield f"{threshold.name}: {threshold.value} is not in {limits}"
        if not threshold.histogram:
            continue
        family = catalog.by_metric.get(threshold.histogram)
        if family is None or family.kind is not Kind.HISTOGRAM:
            yield f"{threshold.name}: {threshold.histogram} is no histogram of the catalogue"
        elif threshold.value not in family.buckets:
            yield f"{threshold.name}: {threshold.value} is no bound of {family.name}"


def guess_problems(rules: Iterable[Rule], bounded: Mapping[str, Threshold]) -> Iterator[str]:
    """
    Yield alerts that compare a quantile with a number that no bucket ends at.

    Args:
        rules: All of them.
        bounded: Each alert with its threshold.
    """
    for rule in rules:
        if rule.alert and re.search(r":p\d+_|histogram_quantile", rule.expr):
            threshold = bounded.get(rule.alert)
            if threshold is None or not threshold.histogram:
                yield f"{rule.alert}: compares a quantile; its threshold has to name the histogram"


def recording_problems(rules: Iterable[Rule], catalog: Catalog) -> Iterator[str]:
    """Yield recordings whose name says something else than their expression."""
    known = {rule.record: rule for rule in rules if rule.record}
    for record, rule in known.items():
        level, middle, operations = record.split(":")
        if level == SLO_LEVEL:
            continue
        stems = {_stem(name) for name in _metrics(rule.expr, known, catalog)}
        if not any(_is_named_after(middle, stem) for stem in stems):
            yield f"{record}: {middle} is none of the metrics it reads: {', '.join(sorted(stems))}"
        yield from _level_problems(record, level, rule.expr, catalog)
        if "ratio" in operations.split("_") and "usual" not in operations.split("_"):
            yield from _ratio_problems(record, rule.expr, known)


def _level_problems(record: str, level: str, expr: str, catalog: Catalog) -> Iterator[str]:
    aggregate = _AGGREGATE.match(expr)
    if aggregate is None:
        return
    dropped = {label.strip() for label in aggregate[1].split(",")}
    if "instance" not in dropped:
        yield f"{record}: keeps the instance, so two exporters make two series"
    metric = _metric(aggregate[2], catalog)
    if metric is None:
        return
    kept = "_".join(label.name for label in metric.labels if label.name not in dropped)
    if kept != level:
        yield f"{record}: its labels are {kept}, its level is {level}"


def _ratio_problems(record: str, expr: str, known: Mapping[str, Rule]) -> Iterator[str]:
    """A ratio divides sums; the mean of ratios would let a quiet bot outvote a busy one."""
    parts = _split(expr, "/")
    if len(parts) != 2:
        yield f"{record}: a ratio divides two recordings"
        return
    for part in parts:
        operand = _bare(part)
        if not _OPERAND.match(operand) or (":" in operand[:60] and not _recorded(operand, known)):
            yield f"{record}: {' '.join(operand.split())} is neither a recording nor a sum"


def _recorded(operand: str, known: Mapping[str, Rule]) -> bool:
    return operand in known or operand.startswith(("sum ", "max ", "min "))


def _bare(part: str) -> str:
    """Return what is left of an operand without brackets, comparisons and ``or 0 * whole``."""
    bare = part.strip()
    while True:
        inner = bare[1:-1].strip() if bare.startswith("(") and _closes(bare) else bare
        inner = _COMPARED.sub("", _split(inner, "or")[0]).strip()
        if inner == bare:
            return bare
        bare = inner


def _closes(text: str) -> bool:
    """Tell whether the first bracket is closed by the last one."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _split(expr: str, operator: str) -> list[str]:
    """Return the parts of *expr* around *operator*, outside of brackets."""
    parts, depth = [""], 0
    for token in re.split(r"([(){}/]|\bor\b)", expr):
        depth += (token in "({" and bool(token)) - (token in ")}" and bool(token))
        if token == operator and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    return parts


def _metrics(expr: str, known: Mapping[str, Rule], catalog: Catalog) -> set[str]:
    """Return the families that *expr* reads, through other recordings as well."""
    found: set[str] = set()
    for name in _NAME.findall(expr):
        if _metric(name, catalog) is not None:
            found.add(name)
        elif name in known and known[name].expr != expr:
            found |= _metrics(known[name].expr, known, catalog)
    return found


def _metric(series: str, catalog: Catalog) -> Metric | None:
    found = catalog.by_metric.get(series)
    for part in PARTS:
        if found is None and series.endswith(part):
            found = catalog.by_metric.get(series.removesuffix(part))
    return found


def _stem(name: str) -> str:
    return name.removesuffix("_total")


def _is_named_after(middle: str, stem: str) -> bool:
    """
    Tell whether *middle* begins with the words of *stem*.

    The last one may give way to what is selected: of conversations that ended, the abandoned.
    """
    family = re.sub(r"_(?:bucket|sum|count)\Z", "", stem)
    start = family.rpartition("_")[0] if family.count("_") > 1 else family
    return f"{middle}_".startswith(f"{start}_")


def _histogram(series: str, catalog: Catalog) -> Metric | None:
    family = series.split(":")[1] if ":" in series else series
    if not family.endswith("_bucket"):
        return None
    return catalog.by_metric.get(family.removesuffix("_bucket"))


def _bounds(family: Metric) -> set[str]:
    return {*(repr(float(bound)) for bound in family.buckets), "+Inf"}
