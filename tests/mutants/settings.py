"""Bugs on the way from the configuration to the part that should keep it."""

from .bug import Bug

APP = "exporter/service/app.py"
CORE = "exporter/service/core.py"
DOORS = "exporter/service/doors.py"
OF_ACCESS = "tests/e2e/test_bad_input_access.py"
OF_RELOAD = "tests/e2e/test_reload.py"
OF_SETTINGS = "tests/unit/service/test_settings.py"

BUGS = (
    Bug(
        name="Everybody may send events without a token",
        file=APP,
        old="anonymous = None if config.ingest.require_token else ANONYMOUS",
        new="anonymous = ANONYMOUS",
        tests=(f"{OF_ACCESS}::test_a_token_in_the_url_is_none",),
    ),
    Bug(
        name="A token is required though the operator says no",
        file=APP,
        old="anonymous = None if config.ingest.require_token else ANONYMOUS",
        new="anonymous = None",
        tests=(f"{OF_ACCESS}::test_where_no_token_is_required_only_a_wrong_one_is_refused",),
    ),
    Bug(
        name="A reload does not reach the rate limiter",
        file=APP,
        old="        self._ingest.buckets.configure(rate.events_per_second, rate.burst)\n",
        new="",
        tests=(OF_RELOAD,),
    ),
    Bug(
        name="A reload does not reach the limits of labels and the bots",
        file=APP,
        old="        self._core.want(new)\n",
        new="",
        tests=(OF_RELOAD,),
    ),
    Bug(
        name="A reload does not reach the rule for texts",
        file=APP,
        old='        self._ingest.rules.keep_text = new.privacy.text == "keep"\n',
        new="",
        tests=(OF_RELOAD,),
    ),
    Bug(
        name="The configured limit of bodies is ignored",
        file=DOORS,
        old="            max_bytes=settings.max_body_bytes,\n",
        new="",
        tests=(OF_SETTINGS,),
    ),
    Bug(
        name="The configured window for old events is ignored",
        file=DOORS,
        old="        max_age_seconds=settings.max_age_seconds,\n",
        new="",
        tests=(OF_SETTINGS,),
    ),
    Bug(
        name="Connections may idle as long as headers may take",
        file=DOORS,
        old="idle_timeout_seconds=config.ingest.idle_timeout_seconds,",
        new="idle_timeout_seconds=config.ingest.header_timeout_seconds,",
        tests=(OF_SETTINGS,),
    ),
    Bug(
        name="Contact data is kept though the operator says drop",
        file=DOORS,
        old='    if config.privacy.contacts == "drop" or not CAN_SEAL:\n',
        new="    if not CAN_SEAL:\n",
        tests=(OF_SETTINGS,),
    ),
    Bug(
        name="Shared namespaces of the configuration are ignored",
        file=DOORS,
        old="Pseudonyms(key, config.privacy.shared_namespaces)",
        new="Pseudonyms(key)",
        tests=(OF_SETTINGS,),
    ),
    Bug(
        name="Sessions are active as long as conversations",
        file=CORE,
        old="session_seconds=times.session_active_seconds,",
        new="session_seconds=times.active_seconds,",
        tests=(OF_SETTINGS,),
    ),
    Bug(
        name="The configured memory of ids is ignored",
        file=CORE,
        old="retention_seconds=config.dedupe.retention_seconds",
        new="retention_seconds=8 * 86_400.0",
        tests=(OF_SETTINGS,),
    ),
    Bug(
        name="The configured length of the queue is ignored",
        file=CORE,
        old="                queue_bytes=self._config.ingest.queue_bytes,\n",
        new="",
        tests=(OF_SETTINGS,),
    ),
)
