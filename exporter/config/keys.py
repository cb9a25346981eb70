"""Every key of the configuration, one by one, as derived from the model."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..catalog.document import Plain
from ..catalog.quantities import Quantity
from ..catalog.shape import MARK, Shape
from .model import Config

PREFIX = "BOT_EXPORTER_"
FILE_SUFFIX = "_FILE"
SHAPE = Shape(Config)
LONGEST_NUMBER = 100  # Characters; beyond them Python may refuse to convert or to show it.


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key: its path, its part of the schema, and the section it belongs to."""

    path: tuple[str, ...]
    schema: Mapping[str, Plain]

    @property
    def name(self) -> str:
        """Return the dotted path."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """Return the environment variable that sets it."""
        return PREFIX + "_".join(self.path).upper()

    @property
    def kind(self) -> str:
        """Return its JSON type."""
        return str(self.schema.get("type", "string"))

    @property
    def is_scalar(self) -> bool:
        """Return whether one text can say its value."""
        return self.kind not in ("array", "object")

    @property
    def quantity(self) -> Quantity | None:
        """Return what it counts, when it may carry a unit."""
        return Quantity(self.schema[MARK]) if MARK in self.schema else None

    @property
    def description(self) -> str:
        """Return its meaning."""
        return str(self.schema.get("description", ""))

    @property
    def default(self) -> Plain:
        """Return its default."""
        return self.schema.get("default")

    def read(self, text: str) -> Plain:
        """Return *text*, from the environment or the command line, as a value of the key."""
        if self.kind == "boolean":
            return {"true": True, "false": False}.get(text.lower(), text)
        if self.kind in ("integer", "number"):
            return _number(text)
        return text


def section_docs(shape: Shape = SHAPE) -> dict[str, str]:
    """Return what each section is about, by dotted path."""
    return {
        ".".join(path): str(schema.get("description", ""))
        for path, schema in _walk(shape, shape.schema, ())
        if path and "properties" in schema
    }


def keys_of(shape: Shape) -> tuple[Key, ...]:
    """Return every key of *shape* in the order of its model."""
    return tuple(
        Key(path=path, schema=schema)
        for path, schema in _walk(shape, shape.schema, ())
        if "properties" not in schema
    )


def _walk(
    shape: Shape, schema: Mapping[str, Plain], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Plain]]]:
    """Yield every section and key with its path, parents first."""
    resolved = shape.resolve(schema)
    yield path, resolved
    properties = resolved.get("properties")
    for name, below in properties.items() if isinstance(properties, dict) else ():
        if isinstance(below, dict):
            yield from _walk(shape, below, (*path, name))


def _number(text: str) -> Plain:
    """Return the number in *text*, or *text*: perhaps 64MiB, otherwise refused with its shape."""
    if len(text) > LONGEST_NUMBER:
        return text
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if math.isfinite(number) else text
    return text


KEYS = keys_of(SHAPE)
"""Every key in the order of the model."""
BY_NAME = {key.name: key for key in KEYS}
