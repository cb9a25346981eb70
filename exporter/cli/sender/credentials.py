"""Where the token comes from: a file or the environment, never an argument."""

from collections.abc import Callable, Mapping
from pathlib import Path

from ...config.secrets import read_secret
from ...model.errors import ExporterError

VARIABLE = "BOT_EXPORTER_TOKEN"
FILE_VARIABLE = "BOT_EXPORTER_TOKEN_FILE"


def find_token(
    file: str | None, environ: Mapping[str, str], first_token: Callable[[], Path]
) -> str | None:
    """
    Return the token: of *file*, of the environment, or the one made at the first start.

    Args:
        file: Named by the user; wins.
        environ: Asked for ``BOT_EXPORTER_TOKEN`` and ``BOT_EXPORTER_TOKEN_FILE``.
        first_token: Returns the file of the first token; asked last, because it needs the
            configuration. It need not exist.

    Raises:
        ExporterError: a token is named but cannot be used.
    """
    if file is None and environ.get(VARIABLE):
        return _checked(environ[VARIABLE], VARIABLE)
    named = file or environ.get(FILE_VARIABLE)
    path = Path(named) if named else first_token()
    if not named and not path.exists():
        return None
    try:
        secret = read_secret(path)
    except ValueError as error:
        raise ExporterError(f"token: {error}") from error
    return _checked(secret, str(path))


def _checked(token: str, origin: str) -> str:
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ExporterError(f"{origin}: does not hold a token; it looks like bo_ and 43 letters")
    return token
