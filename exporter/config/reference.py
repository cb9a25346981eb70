"""The schema, the reference page and the example file, all derived from the model."""

import json
from collections.abc import Iterator, Mapping

from ..catalog.document import Plain
from ..catalog.quantities import Quantity
from ..catalog.shape import MARK, Shape
from .keys import KEYS, SHAPE, Key, keys_of, section_docs
from .reload import is_reloadable

TITLE = "bot-exporter configuration"
ID = "config.schema.json"
WIDTH = 96
UNITS = "# Every key with its default. Sizes: 64MiB, 10GiB; durations: 90s, 1h30m, 7d."

_TYPES = {"integer": "whole number", "array": "list", "object": "mapping", "boolean": "bool"}


def config_schema() -> dict[str, Plain]:
    """Return the JSON Schema (2020-12) of a configuration file."""
    return {"$schema": SHAPE.published["$schema"], "$id": ID, "title": TITLE, **SHAPE.published}


def config_reference() -> str:
    """Return a Markdown table of every key: type, default, meaning, variable, reloadable or not."""
    lines = [
        "| Key | Type | Default | Meaning | Environment variable | Reload |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for key in KEYS:
        variable = f"`{key.variable}`" if key.is_scalar else ""
        reload = "yes" if is_reloadable(key.name) else "restart"
        cells = (f"`{key.name}`", *_cells(key.schema), variable, reload)
        lines.append(row(cells))
        lines += [row((*cells, "", "")) for cells in entries(SHAPE, key.name, key.schema)]
    return "\n".join(lines) + "\n"


def table(shape: Shape) -> str:
    """Return a Markdown table of every key of *shape*: type, default, meaning."""
    lines = ["| Key | Type | Default | Meaning |", "| --- | --- | --- | --- |"]
    for key in keys_of(shape):
        lines.append(row((f"`{key.name}`", *_cells(key.schema))))
        lines += [row(cells) for cells in entries(shape, key.name, key.schema)]
    return "\n".join(lines) + "\n"


def example_config() -> str:
    """Return a commented YAML file that sets every key to its default."""
    return example(SHAPE, UNITS)


def example(shape: Shape, title: str) -> str:
    """Return a commented YAML file that sets every key of *shape* to its default."""
    docs = section_docs(shape)
    lines = [title]
    opened: tuple[str, ...] = ()
    for key in keys_of(shape):
        for depth in range(1, len(key.path)):
            section = key.path[:depth]
            if opened[:depth] != section:
                lines += _opening(section, docs)
        opened = key.path[:-1]
        lines += _entry(key)
    return "\n".join(lines) + "\n"


def _opening(section: tuple[str, ...], docs: Mapping[str, str]) -> Iterator[str]:
    indent = "  " * (len(section) - 1)
    if not indent:
        yield ""
    yield f"{indent}# {docs['.'.join(section)]}"
    yield f"{indent}{section[-1]}:"


def _entry(key: Key) -> Iterator[str]:
    indent = "  " * (len(key.path) - 1)
    if not indent:
        yield ""
    yield from wrapped(key.description, indent)
    examples = key.schema.get("examples")
    if isinstance(examples, list):
        yield f"{indent}# Example: {key.path[-1]}: {_flow(examples[0])}"
    yield f"{indent}{key.path[-1]}: {_written(key.schema)}"


def wrapped(text: str, indent: str) -> Iterator[str]:
    """Yield *text* as the lines of a comment."""
    line = f"{indent}#"
    for word in text.split():
        if len(line) + len(word) >= WIDTH:
            yield line
            line = f"{indent}#"
        line += f" {word}"
    yield line


def entries(shape: Shape, name: str, schema: Mapping[str, Plain]) -> Iterator[tuple[str, ...]]:
    """Yield the keys of what a list, a mapping or a key holds: ``bots[].name``."""
    for mark, below in (
        ("[]", schema.get("items")),
        (".*", schema.get("additionalProperties")),
        ("", schema if "$ref" in schema else None),
    ):
        entry = shape.resolve(below) if isinstance(below, dict) else {}
        properties = entry.get("properties")
        for key, value in properties.items() if isinstance(properties, dict) else ():
            if isinstance(value, dict):
                yield (f"`{name}{mark}.{key}`", *_cells(value))
                yield from entries(shape, f"{name}{mark}.{key}", value)


def _cells(schema: Mapping[str, Plain]) -> tuple[str, str, str]:
    default = f"`{_written(schema)}`" if "default" in schema else ""
    return _type(schema), default, str(schema.get("description", ""))


def _type(schema: Mapping[str, Plain]) -> str:
    choices, forms = schema.get("enum"), schema.get("anyOf")
    if isinstance(choices, list):
        return ", ".join(f"`{choice}`" for choice in choices if choice)
    if isinstance(forms, list):
        return " or ".join(_type(form) for form in forms if isinstance(form, dict))
    if MARK in schema:
        return str(schema[MARK])
    kind = str(schema.get("type", "object" if "$ref" in schema else ""))
    return _TYPES.get(kind, kind)


def _written(schema: Mapping[str, Plain]) -> str:
    """Return the default as one writes it in YAML."""
    default = schema.get("default")
    if MARK in schema and isinstance(default, int | float):
        return Quantity(schema[MARK]).show(default)
    return _flow(default)


def _flow(value: Plain) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value)


def row(cells: tuple[str, ...]) -> str:
    """Return one line of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
