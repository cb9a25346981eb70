"""
What the last release exposed, and what may have changed since.

People build dashboards and alerts on names, labels and bounds. They are kept in `released.json`;
`bot-exporter generate --release` writes it anew at every release.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from .released_events import ReleasedField, field_from, field_problems, released_fields
from .retired import Retired, version_of
from .spec import Catalog, Metric

RELEASED_FILE = "exporter/catalog/released.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What others rely on in a family."""

    name: str
    kind: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The families that one version exposes, and the fields of events it accepts."""

    version: str
    families: tuple[Released, ...] = ()
    fields: tuple[ReleasedField, ...] = ()


def release_of(catalog: Catalog, version: str) -> Release:
    """Return what *catalog* exposes and accepts as *version*, sorted by name."""
    families = (_family(metric) for metric in catalog.metrics if metric.builtin)
    return Release(
        version=version,
        families=tuple(sorted(families, key=lambda f: f.name)),
        fields=released_fields(catalog),
    )


def release_json(release: Release) -> str:
    """Return the text of the committed file, one family or field a line."""
    families, fields = (
        ",\n".join(f"    {json.dumps(asdict(entry))}" for entry in entries)
        for entries in (release.families, release.fields)
    )
    version = json.dumps(release.version)
    return (
        f'{{\n  "version": {version},\n  "families": [\n{families}\n  ],\n'
        f'  "fields": [\n{fields}\n  ]\n}}\n'
    )


def read_release(text: str) -> Release:
    """Return what `release_json` wrote."""
    content = json.loads(text)
    return Release(
        version=content["version"],
        families=tuple(
            Released(
                name=family["name"],
                kind=family["kind"],
                labels=tuple(family["labels"]),
                buckets=tuple(family["buckets"]),
            )
            for family in content["families"]
        ),
        fields=tuple(field_from(field) for field in content["fields"]),
    )


def release_problems(
    catalog: Catalog, released: Release, retired: Sequence[Retired], *, version: str
) -> Iterator[str]:
    """
    Yield one sentence per promise of *released* that *catalog* breaks.

    Args:
        catalog: What is declared now.
        released: What the last release exposed.
        retired: The families that may leave, each from its own version on.
        version: The version in the making.
    """
    leaving = {entry.name: entry for entry in retired}
    for old in released.families:
        metric = catalog.by_metric.get(old.name)
        if metric is not None:
            yield from _changes(old, _family(metric))
        elif old.name not in leaving:
            yield f"{old.name}: released in {released.version} and gone; retire it in retired.py"
    for entry in retired:
        yield from _retirement(entry, catalog, version)
    yield from field_problems(released_fields(catalog), released.fields)


def _changes(old: Released, new: Released) -> Iterator[str]:
    for what in ("kind", "labels", "buckets"):
        before, after = getattr(old, what), getattr(new, what)
        if before != after:
            yield (
                f"{old.name}: released with {what} {_shown(before)}, now {_shown(after)}; "
                "give the changed family a new name and retire this one"
            )


def _retirement(entry: Retired, catalog: Catalog, version: str) -> Iterator[str]:
    if version_of(entry.removed_in) <= version_of(entry.retired_in):
        yield f"{entry.name}: removed in the version that retires it; leave people a release"
    if entry.successor not in catalog.by_metric:
        yield f"{entry.name}: its successor {entry.successor} is not in the catalogue"
    exposed = entry.name in catalog.by_metric
    if exposed and entry.is_gone(version):
        yield f"{entry.name}: was to be removed in {entry.removed_in}; remove its declaration"
    if not exposed and not entry.is_gone(version):
        yield f"{entry.name}: is gone, but promised until {entry.removed_in}; keep it exposed"


def _family(metric: Metric) -> Released:
    return Released(
        name=metric.name,
        kind=metric.kind.value,
        labels=tuple(label.name for label in metric.labels),
        buckets=metric.buckets,
    )


def _shown(value: str | tuple[object, ...]) -> str:
    return value if isinstance(value, str) else f"({', '.join(str(item) for item in value)})"
