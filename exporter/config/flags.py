"""Settings from the command line: dotted path to value."""

import math
from collections.abc import Mapping

from ..catalog.document import Plain
from ..catalog.remedies import unknown_key
from ..model.errors import Problem
from .environment import Setting
from .keys import BY_NAME

COMMAND_LINE = "command line"


def read_overrides(overrides: Mapping[str, object]) -> tuple[list[Setting], list[Problem]]:
    """Return the settings in *overrides*, and what is wrong with them; None means not given."""
    settings: list[Setting] = []
    problems: list[Problem] = []
    for name, value in overrides.items():
        key = BY_NAME.get(name)
        if value is None:
            continue
        if key is None:
            message = unknown_key(name, BY_NAME)
            problems.append(Problem(file=COMMAND_LINE, line=0, path=name, message=message))
            continue
        read = key.read(value) if isinstance(value, str) else _plain(value)
        settings.append(Setting(key=key, value=read, origin=COMMAND_LINE))
    return settings, problems


def _plain(value: object) -> Plain:
    """Return *value* as YAML would hold it; anything else becomes text, which no shape takes."""
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)
