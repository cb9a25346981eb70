"""The token of a client: given, or read from a file when it is needed."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path

TOKEN_VARIABLE = "BOT_EXPORTER_TOKEN"  # noqa: S105 - the name of a variable, not a token
LONGEST_TOKEN = 4096


class Token:
    """
    Knows the token and never shows it.

    A file is read with the first request and again when the token is refused: the exporter may
    start after the bot, and tokens are replaced.
    """

    def __init__(self, given: str | None, file: str | PathLike[str] | None) -> None:
        self._file = Path(file) if file is not None and given is None else None
        self._token = _checked(given) if given else None

    def __repr__(self) -> str:
        """Show nothing."""
        return "Token(...)"

    @property
    def is_given(self) -> bool:
        """Return whether requests carry a token."""
        return self._token is not None or self._file is not None

    def header(self) -> dict[str, str]:
        """
        Return the header that carries the token; none when there is no token.

        Raises:
            OSError: the file cannot be read; it may be there later.
        """
        if self._token is None and self._file is not None:
            self._token = self._read(self._file)
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def is_renewed(self) -> bool:
        """
        Read the file again and return whether it holds another token.

        Raises:
            OSError: the file cannot be read; it may be there later.
        """
        if self._file is None:
            return False
        old, self._token = self._token, self._read(self._file)
        return old != self._token

    @staticmethod
    def _read(file: Path) -> str:
        with file.open(encoding="utf-8", errors="replace") as stream:
            text = stream.read(LONGEST_TOKEN)
        try:
            return _checked(text)
        except ValueError as error:
            # Perhaps half written: worth another look, like a file that is not there yet.
            raise OSError(f"{file}: {error}") from None


def new_token(
    token: str | None, file: str | PathLike[str] | None, environment: Mapping[str, str]
) -> Token:
    """
    Return the token a bot named; what it names itself comes before its environment.

    Raises:
        ValueError: the token holds what no header can.
    """
    if token is None and file is None:
        token = environment.get(TOKEN_VARIABLE)
    return Token(token, file)


def _checked(text: str) -> str:
    token = text.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError("token: it is empty or holds characters that no token has")
    return token
