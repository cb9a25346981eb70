"""Checks of bots from outside: what is asked, how often, and what counts as a good answer."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, field

from ..catalog.declarations import Section
from ..model.probing import ProbeKind
from .kinds import KIB, MIB, BotName, File, Seconds, Size, Text, Url

PROBE_NAME = r"[a-z][a-z0-9_-]{0,63}"
VALUE_NAME = r"[a-z][a-z0-9_]{0,31}"
TARGETED = tuple(
    kind for kind in ProbeKind if kind not in (ProbeKind.HEARTBEAT, ProbeKind.CONVERSATION)
)

ProbeName = Annotated[str, Meta(pattern=rf"^{PROBE_NAME}$(?!\n)", examples=["shop-api"])]
Target = Annotated[str, Meta(max_length=2048)]
Pattern = Annotated[str, Meta(min_length=1, max_length=1000)]
Header = Annotated[str, Meta(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$(?!\n)")]
HeaderValue = Annotated[str, Meta(max_length=4096, pattern=r"^[^\r\n\x00]*$(?!\n)")]
Status = Annotated[int, Meta(ge=100, le=599)]


class TlsSettings(Section, frozen=True, kw_only=True):
    """How a certificate is checked."""

    verify: Annotated[
        bool, Meta(description="Whether the certificate must be valid and of the right name.")
    ] = True
    ca_file: Annotated[
        File, Meta(description="Authorities to trust, PEM; empty: those of the system.")
    ] = ""
    server_name: Annotated[
        Text, Meta(description="Name the certificate must have; empty: the host of the target.")
    ] = ""
    min_version: Annotated[
        Literal["1.2", "1.3"], Meta(description="Oldest version of TLS that is good enough.")
    ] = "1.2"
    expires_within_seconds: Annotated[
        Seconds | None,
        Meta(description="Degraded when the certificate expires sooner; unset: only shown."),
    ] = None


class JsonCondition(Section, frozen=True, kw_only=True):
    """A comparison of one value in a JSON answer."""

    path: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=256,
            description="Keys and indexes, such as `data.items[0].state`.",
            examples=["data.items[0].state"],
        ),
    ]
    op: Annotated[
        Literal["eq", "ne", "lt", "le", "gt", "ge", "contains", "present"],
        Meta(description="Comparison; `present` takes no value, `contains` a text."),
    ] = "eq"
    value: Annotated[
        str | float | bool | None, Meta(description="What the value is compared with.")
    ] = None


class HttpSettings(Section, frozen=True, kw_only=True):
    """A request of HTTP and the answer to it that is good."""

    method: Annotated[
        Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        Meta(description="Method."),
    ] = "GET"
    headers: Annotated[
        Mapping[Header, HeaderValue],
        Meta(max_length=50, description="Headers to send; secrets belong in `header_files`."),
    ] = field(default_factory=dict)
    header_files: Annotated[
        Mapping[Header, File],
        Meta(max_length=20, description="Headers to send, each with the file of its value."),
    ] = field(default_factory=dict)
    body: Annotated[
        str, Meta(max_length=64 * KIB, description="Body to send; secrets belong in `body_file`.")
    ] = ""
    body_file: Annotated[File, Meta(description="File with the body to send.")] = ""
    status: Annotated[
        tuple[Status, ...],
        Meta(max_length=100, description="Statuses that are good; empty: 200 to 299."),
    ] = ()
    contains: Annotated[
        tuple[Pattern, ...], Meta(max_length=20, description="Texts the body must contain.")
    ] = ()
    matches: Annotated[
        tuple[Pattern, ...],
        Meta(max_length=20, description="Regular expressions (RE2) that must match the body."),
    ] = ()
    matches_not: Annotated[
        tuple[Pattern, ...],
        Meta(max_length=20, description="Regular expressions (RE2) that must not match it."),
    ] = ()
    json: Annotated[
        tuple[JsonCondition, ...],
        Meta(max_length=20, description="Conditions on a JSON body; all must hold."),
    ] = ()
    redirects: Annotated[
        int, Meta(ge=0, le=5, description="Most redirects that are followed; 0: none is.")
    ] = 0
    max_body_bytes: Annotated[
        Size, Meta(description="A longer body fails the run; nothing beyond it is read.")
    ] = MIB
    tls: TlsSettings = TlsSettings()


class TcpSettings(Section, frozen=True, kw_only=True):
    """A connection, and words exchanged on it."""

    send: Annotated[Text, Meta(description="Text to send; empty: none.")] = ""
    expect: Annotated[
        Text, Meta(description="Text that must come within the first 64 KiB; empty: none.")
    ] = ""


class DnsSettings(Section, frozen=True, kw_only=True):
    """A question to a name server: the target. Needs the extra `probes`."""

    name: Annotated[Text, Meta(description="Name that is asked for.")] = ""
    type: Annotated[
        Literal["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"],
        Meta(description="Type of the records."),
    ] = "A"
    transport: Annotated[Literal["udp", "tcp"], Meta(description="How it is sent.")] = "udp"
    expect: Annotated[
        tuple[Text, ...],
        Meta(max_length=50, description="Records that must be in the answer; empty: any one."),
    ] = ()


class RedisSettings(Section, frozen=True, kw_only=True):
    """PING to a Redis server."""

    username: Annotated[Text, Meta(description="User for AUTH; empty: the default one.")] = ""
    password_file: Annotated[File, Meta(description="Password for AUTH; empty: no AUTH.")] = ""
    tls: Annotated[
        TlsSettings | None, Meta(description="How TLS is checked; unset: without TLS.")
    ] = None


class PostgresSettings(Section, frozen=True, kw_only=True):
    """`SELECT 1` on a PostgreSQL server. Needs the extra `probes`."""

    database: Annotated[Text, Meta(description="Database.")] = "postgres"
    user: Annotated[Text, Meta(description="User.")] = "postgres"
    password_file: Annotated[File, Meta(description="Password; empty: none.")] = ""
    tls_mode: Annotated[
        Literal["disable", "prefer", "require", "verify-ca", "verify-full"],
        Meta(description="As `sslmode` of libpq."),
    ] = "prefer"
    ca_file: Annotated[File, Meta(description="Authorities to trust, PEM.")] = ""


class HeartbeatSettings(Section, frozen=True, kw_only=True):
    """Signs of life the bot sends by itself."""

    within_seconds: Annotated[
        Seconds, Meta(description="Silence up to this long is fine; longer fails the run.")
    ] = 120.0
    event: Annotated[
        Annotated[str, Meta(max_length=64)],
        Meta(description="Event type that counts; empty: every event of the bot."),
    ] = "heartbeat"


class Step(HttpSettings, frozen=True, kw_only=True):
    """One turn of a conversation. `{{name}}` stands for a saved value, `{{run}}` for a new id."""

    url: Annotated[Url, Meta(min_length=1, description="Where it is sent.")]
    save: Annotated[
        Mapping[Annotated[str, Meta(pattern=rf"^{VALUE_NAME}$(?!\n)")], Pattern],
        Meta(max_length=20, description="Name to the path of a value in the JSON answer."),
    ] = field(default_factory=dict)
    within_seconds: Annotated[
        Seconds | None, Meta(description="A slower answer fails the run; unset: any in time.")
    ] = None
    poll_seconds: Annotated[
        Seconds | None,
        Meta(description="Ask again after this pause until the answer is good; unset: ask once."),
    ] = None


class ConversationSettings(Section, frozen=True, kw_only=True):
    """Turns that follow each other; the first that fails ends the run."""

    steps: Annotated[
        tuple[Step, ...], Meta(min_length=1, max_length=20, description="The turns, in order.")
    ]


class WebhookSettings(HttpSettings, frozen=True, kw_only=True):
    """A message to the bot that it must answer with a request to `{{callback}}`."""


class Module(Section, frozen=True, kw_only=True):
    """How something is asked; exactly one of the kinds is given."""

    timeout_seconds: Annotated[
        Seconds, Meta(description="A run that takes longer is ended and fails.")
    ] = 10.0
    http: Annotated[HttpSettings | None, Meta(description="HTTP or HTTPS.")] = None
    tcp: Annotated[TcpSettings | None, Meta(description="TCP.")] = None
    tls: Annotated[TlsSettings | None, Meta(description="TLS and its certificate.")] = None
    dns: Annotated[DnsSettings | None, Meta(description="DNS.")] = None
    redis: Annotated[RedisSettings | None, Meta(description="Redis.")] = None
    postgres: Annotated[PostgresSettings | None, Meta(description="PostgreSQL.")] = None

    @property
    def kinds(self) -> tuple[ProbeKind, ...]:
        """Return the kinds that are given; a sound one has one."""
        return tuple(kind for kind in ProbeKind if getattr(self, kind.value, None) is not None)


class Check(Module, frozen=True, kw_only=True):
    """One check that runs again and again."""

    name: Annotated[ProbeName, Meta(description="Label `probe` of its metrics.")]
    target: Annotated[
        Target, Meta(description="URL for http and webhook, host:port for the others.")
    ] = ""
    target_file: Annotated[
        File, Meta(description="File with the target, when it holds a secret.")
    ] = ""
    bot: Annotated[BotName | None, Meta(description="Registered bot that it is about.")] = None
    group: Annotated[
        Annotated[str, Meta(max_length=64)], Meta(description="Group on dashboards.")
    ] = ""
    interval_seconds: Annotated[Seconds, Meta(description="Time between two runs.")] = 60.0
    jitter_ratio: Annotated[
        float, Meta(ge=0, le=0.5, description="Share of the interval a start may be put off.")
    ] = 0.0
    retries: Annotated[
        int, Meta(ge=0, le=5, description="Times a failed run is tried again at once.")
    ] = 0
    failures: Annotated[
        int, Meta(ge=1, le=100, description="Failed runs in a row that mean down.")
    ] = 3
    slow_seconds: Annotated[
        Seconds | None, Meta(description="A good run that takes longer is degraded.")
    ] = None
    depends_on: Annotated[
        tuple[ProbeName, ...],
        Meta(max_length=20, description="Checks whose outage explains this one's."),
    ] = ()
    heartbeat: Annotated[
        HeartbeatSettings | None, Meta(description="Signs of life the bot sends by itself.")
    ] = None
    conversation: Annotated[
        ConversationSettings | None, Meta(description="Turns of a conversation over HTTP.")
    ] = None
    webhook: Annotated[
        WebhookSettings | None, Meta(description="A message the bot must answer by a request.")
    ] = None


class Probes(Section, frozen=True, kw_only=True):
    """Checks of bots from outside."""

    checks: Annotated[
        tuple[Check, ...],
        Meta(
            max_length=1000,
            description="What is checked all the time.",
            examples=[
                [{"name": "shop-api", "target": "https://shop.example.org/health", "http": {}}]
            ],
        ),
    ] = ()
    modules: Annotated[
        Mapping[ProbeName, Module],
        Meta(
            max_length=100,
            description="What `GET /probe?module=NAME&target=` may ask. `http_2xx`, "
            "`tcp_connect` and `tls_connect` are always there.",
            examples=[{"http_health": {"http": {"contains": ["ok"]}}}],
        ),
    ] = field(default_factory=dict)
    allow: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=300)], ...],
        Meta(
            max_length=1000,
            description="Networks, or host:port, that targets of `/probe`, redirects and carried "
            "values may reach though they are private.",
            examples=[["10.1.0.0/16", "bots.internal:8080"]],
        ),
    ] = ()
    concurrency: Annotated[
        int, Meta(ge=1, le=10_000, description="Most runs under way at once.")
    ] = 200
    callback_url: Annotated[
        Url,
        Meta(description="URL of the public listener as bots reach it; webhook checks need it."),
    ] = ""


def with_defaults(modules: Mapping[str, Module]) -> dict[str, Module]:
    """Return *modules* and those that are always there."""
    return {
        "http_2xx": Module(http=HttpSettings(redirects=5)),
        "tcp_connect": Module(tcp=TcpSettings()),
        "tls_connect": Module(tls=TlsSettings()),
        **modules,
    }
