"""The schema, the reference and the example of a site's file, derived from its model."""

from ..catalog.document import Plain
from .reference import example, table
from .site_load import SHAPE

TITLE = "bot-exporter site"
ID = "site.schema.json"
_EXAMPLE = "# Every key with its default; `bot-exporter generate --config` reads such a file."


def site_schema() -> dict[str, Plain]:
    """Return the JSON Schema (2020-12) of a site's file."""
    return {"$schema": SHAPE.published["$schema"], "$id": ID, "title": TITLE, **SHAPE.published}


def site_reference() -> str:
    """Return a Markdown table of every key: type, default, meaning."""
    return table(SHAPE)


def example_site() -> str:
    """Return a commented YAML file that sets every key to its default."""
    return example(SHAPE, _EXAMPLE)
