"""Every kind of mistake in a configuration file, with its correct twin."""

from tests.unit.catalog.cases import Case
from tests.unit.config.alerting_cases import ALERTING_CASES


def _one(name: str, *, good: str, bad: str, path: str, remedy: str) -> Case:
    """Return a case of one wrong line of the form ``section: {key: value}``."""
    return Case(name=name, good=good, bad=f"{bad} # <-", path=path, remedy=remedy)


SHAPES = [
    _one(
        "unknown section",
        good="storage: {path: data}",
        bad="storge: {path: data}",
        path="storge",
        remedy="did you mean 'storage'?",
    ),
    _one(
        "unknown key",
        good="web: {listen_address: ':1'}",
        bad="web: {listen_adress: ':1'}",
        path="web.listen_adress",
        remedy="did you mean 'listen_address'?",
    ),
    _one(
        "section that is no mapping",
        good="storage:",
        bad="storage: data",
        path="storage",
        remedy="lines below it",
    ),
    _one(
        "boolean of YAML 1.1",
        good="web: {enable_lifecycle: false}",
        bad="web: {enable_lifecycle: no}",
        path="web.enable_lifecycle",
        remedy="write true",
    ),
    _one(
        "size without a known unit",
        good="log: {segment_bytes: 1MiB}",
        bad="log: {segment_bytes: 1mib}",
        path="log.segment_bytes",
        remedy="write 64MiB or 67108864",
    ),
    _one(
        "duration without a known unit",
        good="log: {segment_seconds: 1h30m}",
        bad="log: {segment_seconds: 1h30}",
        path="log.segment_seconds",
        remedy="write 90s, 1h30m or 5400",
    ),
    _one(
        "fraction of a byte",
        good="log: {segment_bytes: 1.5KiB}",
        bad="log: {segment_bytes: 1.5}",
        path="log.segment_bytes",
        remedy="expected a whole number",
    ),
    _one(
        "nothing per second",
        good="ingest: {rate_limit: {events_per_second: 1}}",
        bad="ingest: {rate_limit: {events_per_second: 0}}",
        path="ingest.rate_limit.events_per_second",
        remedy="write at least that",
    ),
    _one(
        "negative time",
        good="conversations: {active_seconds: 1}",
        bad="conversations: {active_seconds: -1}",
        path="conversations.active_seconds",
        remedy="write a larger number",
    ),
    _one(
        "number that is not finite",
        good="conversations: {active_seconds: 1}",
        bad="conversations: {active_seconds: .inf}",
        path="conversations.active_seconds",
        remedy="is no duration",
    ),
    _one(
        "value beyond the choices",
        good="privacy: {text: keep}",
        bad="privacy: {text: kept}",
        path="privacy.text",
        remedy="write one of: drop, keep",
    ),
    _one(
        "bot without a name",
        good="bots: [{name: a}]",
        bad="bots: [{platforms: [web]}]",
        path="bots[0]",
        remedy="'name' is missing; add it",
    ),
    _one(
        "bot with a bad name",
        good="bots: [{name: 'Shop.bot:1_a-b'}]",
        bad="bots: [{name: 'shop bot'}]",
        path="bots[0].name",
        remedy="something like shop-bot",
    ),
    _one(
        "platform in capitals",
        good="bots: [{name: a, platforms: [telegram]}]",
        bad="bots: [{name: a, platforms: [Telegram]}]",
        path="bots[0].platforms[0]",
        remedy="something like telegram",
    ),
    _one(
        "key twice",
        good="storage: {path: a}",
        bad="storage: {path: a, path: b}",
        path="storage.path",
        remedy="remove one of them",
    ),
    _one(
        "variables are not expanded",
        good="logging: {level: warning}",
        bad="logging: {level: '${LEVEL}'}",
        path="logging.level",
        remedy="write one of: debug, error, info, warning",
    ),
]
RULES = [
    *(
        _one(
            f"address {bad}",
            good=f"web: {{listen_address: '{good}'}}",
            bad=f"web: {{listen_address: '{bad}'}}",
            path="web.listen_address",
            remedy="write" if "999" not in bad else "correct the IP address",
        )
        for good, bad in (
            ("127.0.0.1:9090", "127.0.0.1"),
            (":9090", "9090"),
            ("[::1]:9090", "::1:9090"),
            ("localhost:9090", "localhost:http"),
            ("0.0.0.0:65535", "0.0.0.0:65536"),
            ("exporter-internal:0", "http://exporter:9090"),
            ("10.0.0.1:9090", "10.0.0.999:9090"),
        )
    ),
    _one(
        "two listeners on one port",
        good="web: {listen_address: ':10351'}",
        bad="web: {listen_address: ':10350'}",
        path="web.listen_address",
        remedy="write another one here",
    ),
    _one(
        "address of the outside that is no URL",
        good="web: {external_url: 'https://bots.example.org/exporter'}",
        bad="web: {external_url: 'bots.example.org'}",
        path="web.external_url",
        remedy="write https://host",
    ),
    _one(
        "headers may take longer than the whole body",
        good="ingest: {header_timeout_seconds: 30}",
        bad="ingest: {header_timeout_seconds: 31}",
        path="ingest.header_timeout_seconds",
        remedy="shorten it",
    ),
    _one(
        "queue smaller than a request",
        good="ingest: {queue_bytes: 10MiB}",
        bad="ingest: {queue_bytes: 9MiB}",
        path="ingest.queue_bytes",
        remedy="raise it",
    ),
    _one(
        "burst smaller than a request",
        good="ingest: {rate_limit: {burst: 1000}}",
        bad="ingest: {rate_limit: {burst: 999}}",
        path="ingest.rate_limit.burst",
        remedy="raise it",
    ),
    _one(
        "log without room for two segments",
        good="log: {max_bytes: 128MiB}",
        bad="log: {max_bytes: 127MiB}",
        path="log.max_bytes",
        remedy="write at least 134217728",
    ),
    _one(
        "ids forgotten before the events are too old",
        good="dedupe: {retention_seconds: 169h}",
        bad="dedupe: {retention_seconds: 168h}",
        path="dedupe.retention_seconds",
        remedy="write at least 608400",
    ),
    _one(
        "turn that outlives its own lateness",
        good="conversations: {turn_timeout_seconds: 15m}",
        bad="conversations: {turn_timeout_seconds: 16m}",
        path="conversations.turn_timeout_seconds",
        remedy="shorten it",
    ),
    _one(
        "bot twice",
        good="bots: [{name: a}, {name: b}]",
        bad="bots: [{name: a}, {name: a}]",
        path="bots[1].name",
        remedy="merge the two",
    ),
    _one(
        "platform twice",
        good="bots: [{name: a, platforms: [web, voice]}]",
        bad="bots: [{name: a, platforms: [web, web]}]",
        path="bots[0].platforms",
        remedy="remove one",
    ),
    Case(
        name="more bots than their limit",
        good="limits: {bots: 2}\nbots: [{name: a}, {name: b}]",
        bad="limits: {bots: 1}\nbots: [{name: a}, {name: b}] # <-",
        path="bots",
        remedy="raise that limit",
    ),
    _one(
        "bot in two namespaces",
        good="privacy: {shared_namespaces: {x: [a], y: [b]}}",
        bad="privacy: {shared_namespaces: {x: [a], y: [a]}}",
        path="privacy.shared_namespaces.y[0]",
        remedy="remove one",
    ),
    _one(
        "limit of an unknown label",
        good="limits: {labels: {intent: 5}}",
        bad="limits: {labels: {intend: 5}}",
        path="limits.labels.intend",
        remedy="did you mean 'intent'?",
    ),
    _one(
        "limit of bots as a label",
        good="limits: {bots: 5}",
        bad="limits: {labels: {bot: 5}}",
        path="limits.labels.bot",
        remedy="set limits.bots instead",
    ),
    _one(
        "limit of an unknown metric",
        good="limits: {metrics: {bot_intents_total: 5}}",
        bad="limits: {metrics: {bot_intents: 5}}",
        path="limits.metrics.bot_intents",
        remedy="did you mean 'bot_intents_total'?",
    ),
    _one(
        "empty file name",
        good="catalog: {files: []}",
        bad="catalog: {files: ['']}",
        path="catalog.files[0]",
        remedy="name a file",
    ),
    _one(
        "file name with a zero character",
        good="storage: {path: a}",
        bad='storage: {path: "a\\0"}',
        path="storage.path",
        remedy="remove it",
    ),
    _one(
        "own event with the name of a built-in one",
        good="catalog: {events: [{name: wish, description: D.}]}",
        bad="catalog: {events: [{name: goal, description: D.}]}",
        path="catalog.events[0].name",
        remedy="choose another name",
    ),
]
LOAD_CASES = [*SHAPES, *RULES, *ALERTING_CASES]
