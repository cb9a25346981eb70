"""All parts by name, the longest first: two run at a time."""

from tests.fuzz import guided, json_suite, mutations, naughty, noise, openapi, wire
from tests.fuzz.part import Part

_ALL = (
    openapi.PART,
    wire.INGEST,
    json_suite.PART,
    mutations.HTTP,
    naughty.PART,
    wire.WEB,
    mutations.DRAWN,
    *noise.PARTS,
    *guided.PARTS,
)
PARTS: dict[str, Part] = {part.name: part for part in _ALL}
