"""PostgreSQL: `SELECT 1`. The library comes with the extra `probes`."""

from ..config.probes import PostgresSettings
from ..model.probing import ProbePhase, ProbeReason
from .dialing import Network
from .notes import Notes
from .outcome import FailedError
from .policy import Endpoint

try:
    import psycopg
except ImportError:  # The configuration is refused then.
    HAS_POSTGRES = False
else:
    HAS_POSTGRES = True

NO_LOGIN = "28"  # Class of SQLSTATE: invalid authorization.
# The library says these only in words.
_WORDS = (
    ("connection refused", ProbeReason.CONNECTION_REFUSED),
    ("certificate", ProbeReason.TLS_UNTRUSTED),
    ("ssl", ProbeReason.TLS_PROTOCOL),
    ("no password supplied", ProbeReason.AUTHENTICATION),
    ("authentication failed", ProbeReason.AUTHENTICATION),
    ("closed the connection", ProbeReason.CONNECTION_RESET),
    ("connection reset", ProbeReason.CONNECTION_RESET),
    ("unreachable", ProbeReason.UNREACHABLE),
    ("expected authentication", ProbeReason.PROTOCOL),
)


class PostgresProbe:
    """Asks the server at *endpoint*; *password* is empty where none is needed."""

    def __init__(
        self, endpoint: Endpoint, settings: PostgresSettings, *, password: str, network: Network
    ) -> None:
        if not HAS_POSTGRES:
            message = "PostgreSQL needs a library; install bot-exporter[probes]"
            raise FailedError(ProbeReason.INTERNAL, message)
        self._endpoint = endpoint
        self._settings = settings
        self._password = password
        self._network = network

    async def run(self, notes: Notes) -> None:
        """Connect, log in and select."""
        infos = await self._network.addresses(self._endpoint, notes)
        # The address that was judged is the one that is used; the name is for its certificate.
        address = str(infos[0][4][0])
        try:
            connection = await psycopg.AsyncConnection.connect(
                host=self._endpoint[0],
                hostaddr=address,
                port=self._endpoint[1],
                dbname=self._settings.database,
                user=self._settings.user,
                password=self._password or None,
                sslmode=self._settings.tls_mode,
                sslrootcert=self._settings.ca_file or None,
                application_name="bot-exporter",
                autocommit=True,
            )
            async with connection:
                notes.enter(ProbePhase.PROCESSING)
                cursor = await connection.execute("SELECT 1")
                row = await cursor.fetchone()
        except psycopg.Error as error:
            raise _failure(error) from None
        notes.enter(None)
        if row != (1,):
            raise FailedError(ProbeReason.ANSWER_MISMATCH, "1 is not 1 there")


def _failure(error: "psycopg.Error") -> FailedError:
    state = error.sqlstate or ""
    if state.startswith(NO_LOGIN):
        return FailedError(ProbeReason.AUTHENTICATION, "the server refuses the login")
    if state:
        return FailedError(ProbeReason.ANSWER_MISMATCH, f"the server says {state}")
    text = str(error).lower()
    reason = next((reason for word, reason in _WORDS if word in text), ProbeReason.PROTOCOL)
    return FailedError(reason, "no session came about")
