"""What must hold between the settings of checks: names, targets, times and what is installed."""

from collections.abc import Collection, Iterator
from importlib.util import find_spec

from ..catalog.document import Path
from ..catalog.remedies import Finding, closest
from ..model.json_path import parse_json_path
from ..model.probing import ProbeKind
from .probe_conversations import conversation_findings
from .probe_regex import compile_pattern
from .probe_targets import parse_allowed, target_problem, url_problem
from .probes import TARGETED, Check, HttpSettings, Module, Probes

LIBRARIES = {ProbeKind.DNS: "dns", ProbeKind.POSTGRES: "psycopg"}
ROOT: Path = ("probes",)


def probe_findings(
    probes: Probes, *, bots: Collection[str], events: Collection[str]
) -> Iterator[Finding]:
    """Yield every contradiction; *bots* are registered, *events* are the types there are."""
    yield from _names(probes)
    for index, check in enumerate(probes.checks):
        here = (*ROOT, "checks", index)
        yield from _module(check, here)
        yield from _target(check, here)
        yield from _times(check, here)
        yield from _belongs(check, here, bots, events)
        yield from _more_requests(check, here)
        if check.webhook is not None and not probes.callback_url:
            yield (*here, "webhook"), "needs a way back; set probes.callback_url"
    for name, module in probes.modules.items():
        yield from _module(module, (*ROOT, "modules", name))
    yield from _dependencies(probes)
    yield from _whole(probes)


def _names(probes: Probes) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, check in enumerate(probes.checks):
        if check.name in seen:
            message = f"{check.name!r} is there twice; choose another name"
            yield (*ROOT, "checks", index, "name"), message
        seen.add(check.name)


def _module(module: Module, here: Path) -> Iterator[Finding]:
    kinds = module.kinds
    if len(kinds) != 1:
        given = f"{' and '.join(kinds)} are given" if kinds else "no kind of check is given"
        yield here, f"{given}; write exactly one, such as `http: {{}}`"
    for kind in kinds:
        library = LIBRARIES.get(kind)
        if library is not None and find_spec(library) is None:
            yield (*here, kind), "needs a library; install bot-exporter[probes]"
    if module.http is not None:
        yield from _request(module.http, (*here, "http"))
    if module.dns is not None and not module.dns.name:
        yield (*here, "dns"), "the key 'name' is missing; add the name to ask for"


def _more_requests(check: Check, here: Path) -> Iterator[Finding]:
    if check.webhook is not None:
        yield from _request(check.webhook, (*here, "webhook"))
    if check.conversation is not None:
        for index, step in enumerate(check.conversation.steps):
            yield from _request(step, (*here, "conversation", "steps", index))
        yield from conversation_findings(check.conversation, (*here, "conversation"))


def _request(settings: HttpSettings, here: Path) -> Iterator[Finding]:
    if settings.body and settings.body_file:
        yield (*here, "body"), "there is a body_file as well; remove one"
    lower = {name.lower() for name in settings.headers}
    for name in settings.header_files:
        if name.lower() in lower:
            yield (*here, "header_files", name), "is among headers as well; remove one"
    for key, patterns in (("matches", settings.matches), ("matches_not", settings.matches_not)):
        for index, pattern in enumerate(patterns):
            try:
                compile_pattern(pattern)
            except ValueError as error:
                yield (*here, key, index), str(error)
    for index, condition in enumerate(settings.json):
        try:
            parse_json_path(condition.path)
        except ValueError as error:
            yield (*here, "json", index, "path"), str(error)
        if (condition.op == "present") is not (condition.value is None):
            message = "`present` takes no value and every other comparison one; correct it"
            yield (*here, "json", index, "value"), message


def _target(check: Check, here: Path) -> Iterator[Finding]:
    if len(check.kinds) != 1:
        return
    kind = check.kinds[0]
    if kind not in TARGETED:
        if check.target or check.target_file:
            yield (*here, "target"), f"a check of the kind {kind} has no target; remove it"
    elif bool(check.target) is bool(check.target_file):
        yield (*here, "target"), "give a target or a target_file, not both and not none"
    elif check.target and (problem := target_problem(kind, check.target)):
        yield (*here, "target"), f"{check.target!r} {problem}"


def _times(check: Check, here: Path) -> Iterator[Finding]:
    longest = (check.retries + 1) * check.timeout_seconds
    if longest > check.interval_seconds:
        message = f"a run may take {longest:g} s with its retries, longer than interval_seconds"
        yield (*here, "timeout_seconds"), f"{message}; shorten it"
    if check.slow_seconds is not None and check.slow_seconds >= longest:
        message = "is not below the time after which the run fails"
        yield (*here, "slow_seconds"), f"{message}; shorten it"


def _belongs(
    check: Check, here: Path, bots: Collection[str], events: Collection[str]
) -> Iterator[Finding]:
    if check.bot is not None and check.bot not in bots:
        message = "no bot of this name is registered under `bots`"
        yield (*here, "bot"), f"{message}; {closest(check.bot, bots)}"
    if check.heartbeat is None:
        return
    if check.bot is None:
        yield (*here, "heartbeat"), "it needs to know whose; set bot"
    event = check.heartbeat.event
    if event and event not in events:
        message = f"there is no such event type; {closest(event, sorted(events))}"
        yield (*here, "heartbeat", "event"), message


def _dependencies(probes: Probes) -> Iterator[Finding]:
    needs = {check.name: check.depends_on for check in probes.checks}
    for index, check in enumerate(probes.checks):
        for place, other in enumerate(check.depends_on):
            here = (*ROOT, "checks", index, "depends_on", place)
            if other not in needs:
                yield here, f"there is no such check; {closest(other, sorted(needs))}"
            elif check.name in _reached(other, needs):
                yield here, f"{other!r} depends on {check.name!r} in turn; remove one of the two"


def _reached(start: str, needs: dict[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    open_ends = [start]
    while open_ends:
        name = open_ends.pop()
        if name not in found:
            found.add(name)
            open_ends += needs.get(name, ())
    return found


def _whole(probes: Probes) -> Iterator[Finding]:
    for index, text in enumerate(probes.allow):
        try:
            parse_allowed((text,))
        except ValueError as error:
            yield (*ROOT, "allow", index), str(error)
    if probes.callback_url and (problem := url_problem(probes.callback_url)):
        yield (*ROOT, "callback_url"), f"{probes.callback_url!r} {problem}"
    # When everything hangs at once, the plan must hold all the same.
    most = sum((c.retries + 1) * c.timeout_seconds / c.interval_seconds for c in probes.checks)
    if most > probes.concurrency:
        message = f"when every target hangs, {most:.0f} runs go on at once"
        yield (*ROOT, "concurrency"), f"{message}; raise it, or shorten timeouts"
