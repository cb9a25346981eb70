"""Settings from environment variables: ``BOT_EXPORTER_STORAGE_PATH`` and ``..._FILE``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..catalog.document import Plain
from ..catalog.remedies import unknown_key
from ..model.errors import Problem
from .keys import FILE_SUFFIX, KEYS, PREFIX, Key
from .secrets import read_secret

SCALARS = {key.variable: key for key in KEYS if key.is_scalar}
# What bots that use our client read; they may share an environment file with the exporter.
OF_THE_CLIENT = frozenset((f"{PREFIX}URL", f"{PREFIX}TOKEN", f"{PREFIX}TOKEN{FILE_SUFFIX}"))
# Kubernetes describes a Service called bot-exporter to every pod by such variables.
OF_KUBERNETES = re.compile(
    r"(?:.*_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_[A-Z]+)?)"
)
LINK = re.compile(r"(?:tcp|udp|sctp)://.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One value from outside the file, and where it came from."""

    key: Key
    value: Plain
    origin: str


def read_environment(environ: Mapping[str, str]) -> tuple[list[Setting], list[Problem]]:
    """Return the settings of *environ*, and what is wrong with our variables in it."""
    settings: list[Setting] = []
    problems: list[Problem] = []
    for name in sorted(environ):
        if not name.startswith(PREFIX) or _is_foreign(name, environ[name]):
            continue
        if name in SCALARS:
            key = SCALARS[name]
            settings.append(Setting(key=key, value=key.read(environ[name]), origin=name))
        elif name.removesuffix(FILE_SUFFIX) in SCALARS:
            _from_file(name, environ, settings=settings, problems=problems)
        else:
            problems.append(_problem(name, "", unknown_key(name, SCALARS, what="variable")))
    return settings, problems


def _from_file(
    name: str, environ: Mapping[str, str], *, settings: list[Setting], problems: list[Problem]
) -> None:
    plain = name.removesuffix(FILE_SUFFIX)
    key = SCALARS[plain]
    if plain in environ:
        problems.append(_problem(name, key.name, f"{plain} is set as well; unset one of them"))
        return
    try:
        value = key.read(read_secret(Path(environ[name])))
    except ValueError as error:
        problems.append(_problem(name, key.name, str(error)))
        return
    settings.append(Setting(key=key, value=value, origin=name))


def _problem(variable: str, path: str, message: str) -> Problem:
    return Problem(file=variable, line=0, path=path, message=message)


def _is_foreign(name: str, value: str) -> bool:
    rest = name.removeprefix(PREFIX)
    link = rest.endswith("PORT") and LINK.fullmatch(value) is not None
    return name in OF_THE_CLIENT or link or OF_KUBERNETES.fullmatch(rest) is not None
