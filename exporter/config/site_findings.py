"""What must hold for a site's file, beyond its shape."""

import math
from collections.abc import Collection, Iterator, Mapping

from ..catalog.alert_spec import Threshold
from ..catalog.document import Path
from ..catalog.remedies import Finding, closest
from ..catalog.spec import Catalog
from ..catalog.thresholds import every_threshold
from .site import Site


def site_findings(site: Site, catalog: Catalog, *, shipped: Collection[str]) -> Iterator[Finding]:
    """Yield what is wrong with *site*, where the objectives *shipped* come with the bundle."""
    yield from _thresholds(site.thresholds, ("thresholds",), catalog)
    for bot, changed in site.bots.items():
        here = ("bots", bot, "thresholds")
        yield from _thresholds(changed.thresholds, here, catalog, is_own=True)
    for index, name in enumerate(site.without_slos):
        if name not in shipped:
            message = f"no objective {name!r} is shipped; {closest(name, sorted(shipped))}"
            yield ("without_slos", index), message
    yield from _files(site.slo_files, ("slo_files",))
    yield from _files(site.catalog.files, ("catalog", "files"))


def _thresholds(
    values: Mapping[str, float], here: Path, catalog: Catalog, *, is_own: bool = False
) -> Iterator[Finding]:
    known = every_threshold()
    for name, value in values.items():
        path = (*here, name)
        if name not in known:
            yield path, f"there is no such threshold; {closest(name, known)}"
            continue
        threshold = known[name]
        if is_own and not threshold.per_bot:
            yield path, "no bot can have its own; set it under `thresholds` for all"
        message = _out_of_range(threshold, value) or _off_bounds(threshold, value, catalog)
        if message:
            yield path, message


def _out_of_range(threshold: Threshold, value: float) -> str:
    if threshold.least <= value <= threshold.most:
        return ""
    most = "" if math.isinf(threshold.most) else f" and at most {threshold.most:g}"
    return f"{value:g} is out of range; write at least {threshold.least:g}{most}"


def _off_bounds(threshold: Threshold, value: float, catalog: Catalog) -> str:
    if not threshold.histogram:
        return ""
    # Between two bounds a quantile is a guess, and beyond the last one nothing is ever seen.
    bounds = catalog.metric(threshold.histogram).buckets[:-1]
    if value in bounds:
        return ""
    listed = ", ".join(f"{bound:g}" for bound in bounds)
    return f"{value:g} is no bound of {threshold.histogram}; write one of: {listed}"


def _files(files: tuple[str, ...], here: Path) -> Iterator[Finding]:
    for index, file in enumerate(files):
        if not file or "\0" in file:
            yield (*here, index), "no file can have this name; name a file or remove the entry"
        elif file in files[:index]:
            yield (*here, index), f"{file!r} is there twice; remove one"
