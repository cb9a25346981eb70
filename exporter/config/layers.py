"""The file with the settings from outside laid over it; every value knows where it came from."""

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath

from ..catalog.document import Document, Path, Plain, dotted
from ..model.errors import Problem
from .environment import Setting
from .keys import FILE_SUFFIX, KEYS, SHAPE
from .kinds import PATH_MARK


class Layers:
    """A document and the settings that win over it, the later over the earlier."""

    def __init__(self, document: Document, settings: Sequence[Setting]) -> None:
        self.document = document
        self._origins: dict[Path, str] = {}
        self.value: Plain = {} if document.value is None else document.value
        for setting in settings:
            self.value = _with(self.value, setting.key.path, setting.value)
            self._origins[setting.key.path] = setting.origin

    def problem(self, path: Path, message: str) -> Problem:
        """Return *message* with the place the value at *path* came from."""
        origin = self._origin(path)
        if origin is None:
            return self.document.problem(path, message)
        if origin.endswith(FILE_SUFFIX):
            # What came from a secret file must not appear in a log.
            message = f"the value in the file does not fit; {message.rpartition('; ')[2]}"
        return Problem(file=origin, line=0, path=dotted(path), message=message)

    def anchored(self, value: Plain) -> Plain:
        """Return *value* with the file names written in the file made relative to its place."""
        folder = FilePath(self.document.file).parent
        for key in KEYS:
            if self._origin(key.path) is None:
                value = _anchored_at(value, key.path, key.schema, folder)
        return value

    def _origin(self, path: Path) -> str | None:
        prefixes = (path[:size] for size in range(len(path), 0, -1))
        return next((self._origins[p] for p in prefixes if p in self._origins), None)


def _with(value: Plain, path: Path, new: Plain) -> Plain:
    """Return *value* with *new* at *path*; where no mapping is in the way."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if value is None:
        value = {}
    if not isinstance(value, dict) or not isinstance(step, str):
        return value  # The check of the shape reports what stands here instead of a mapping.
    return {**value, step: _with(value.get(step), rest, new)}


def _anchored_at(value: Plain, path: Path, schema: Mapping[str, Plain], folder: FilePath) -> Plain:
    """Return *value* with the file names at *path*, and below it, made relative to *folder*."""
    if not path:
        return _anchored(value, schema, folder)
    if not isinstance(value, dict) or path[0] not in value:
        return value
    step = str(path[0])
    return {**value, step: _anchored_at(value[step], path[1:], schema, folder)}


def _anchored(value: Plain, schema: Mapping[str, Plain], folder: FilePath) -> Plain:
    schema = SHAPE.resolve(schema)
    if PATH_MARK in schema and isinstance(value, str):
        return str(folder / value) if value else value
    if isinstance(value, list) and isinstance(items := schema.get("items"), dict):
        return [_anchored(item, items, folder) for item in value]
    if isinstance(value, dict):
        known, others = schema.get("properties"), schema.get("additionalProperties")
        shapes = known if isinstance(known, dict) else {}
        return {key: _below(item, shapes.get(key, others), folder) for key, item in value.items()}
    return value


def _below(value: Plain, schema: Plain, folder: FilePath) -> Plain:
    return _anchored(value, schema, folder) if isinstance(schema, dict) else value
