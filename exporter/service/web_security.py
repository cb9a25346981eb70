"""TLS contexts and basic authentication for the internal listener."""

import asyncio
import hmac
import secrets
import ssl
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from aiohttp import hdrs, web

from ..config.web import TlsServerConfig
from ..model.errors import ConfigError, Problem

try:
    from bcrypt import checkpw

    CAN_CHECK = True
except ImportError:  # The extra `auth` is optional.
    CAN_CHECK = False

MOST_CACHED = 100
LONGEST_PASSWORD = 72  # bcrypt reads no further.
# Compared with when the user does not exist, so that both cases take the same time.
_NOBODY = b"$2b$10$/pn1OCt5110m6FEf9Z8KQOWxnXwuxNhf76d3GYy/QnDg7ihRuAOQ2"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_VERSIONS = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
_CLIENTS = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}


def tls_context(config: TlsServerConfig | None) -> ssl.SSLContext | None:
    """
    Return the context for a listener; None means plain HTTP.

    Raises:
        ConfigError: certificate or key cannot be used.
    """
    if config is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[config.min_version]
    context.maximum_version = _VERSIONS[config.max_version]
    context.verify_mode = _CLIENTS[config.client_auth_type]
    if config.client_ca_file:
        context.load_verify_locations(config.client_ca_file)
    load_certificate(context, config)
    return context


def load_certificate(context: ssl.SSLContext, config: TlsServerConfig) -> None:
    """
    Take the certificate from its file; handshakes from now on use it.

    Raises:
        ConfigError: certificate or key cannot be used; the old one stays.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(config.cert_file, config.key_file)
        context.load_cert_chain(config.cert_file, config.key_file)
    except (OSError, ssl.SSLError) as error:
        message = f"certificate or key cannot be used ({error}); check both files"
        raise ConfigError([Problem(config.cert_file, 0, "tls_server_config", message)]) from None


class BasicAuth:
    """
    Asks for a user and password before anything is served.

    bcrypt is slow on purpose: it runs on one thread of its own, one check at a time, and a
    password that was right once is recognised by a keyed digest in memory.

    Args:
        users: Name to bcrypt hash; none: everybody may come in.
        others: Paths that ask for a token instead; one header cannot carry both.
    """

    def __init__(self, users: Mapping[str, str], *, others: frozenset[str] = frozenset()) -> None:
        if users and not CAN_CHECK:
            message = "basic_auth_users needs bcrypt; install bot-exporter[auth]"
            raise ConfigError([Problem("web.config_file", 0, "basic_auth_users", message)])
        self._users = {user: digest.encode() for user, digest in users.items()}
        self._others = others
        self._known: set[bytes] = set()
        self._key = secrets.token_bytes(32)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="basic-auth")

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Pass requests of known users on; answer 401 to all others."""
        if request.path in self._others:
            return await handler(request)
        if self._users and not await self._is_known(request.headers.get(hdrs.AUTHORIZATION, "")):
            return web.Response(
                status=401,
                text="Send a user and password.\n",
                headers={hdrs.WWW_AUTHENTICATE: 'Basic realm="bot_exporter"'},
            )
        return await handler(request)

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _is_known(self, header: str) -> bool:
        credentials = _credentials(header)
        if credentials is None:
            return False
        user, password = credentials
        digest = hmac.digest(self._key, user.encode() + b"\0" + password, "sha256")
        if digest in self._known:
            return True
        stored = self._users.get(user)
        right = await asyncio.get_running_loop().run_in_executor(
            self._thread, checkpw, password[:LONGEST_PASSWORD], stored or _NOBODY
        )
        if not right or stored is None:
            return False
        if len(self._known) >= MOST_CACHED:
            self._known.clear()
        self._known.add(digest)
        return True


def _credentials(header: str) -> tuple[str, bytes] | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = b64decode(encoded, validate=True).partition(b":")
        return (user.decode(), password) if colon else None
    except (Base64Error, ValueError):
        return None
