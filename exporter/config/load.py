"""
Defaults < file < environment < command line: one checked `Config`, or every mistake at once.

File names inside the configuration file are relative to it, except ``storage.path``; those from
elsewhere are relative to the working directory. ``${NAME}`` is never expanded.
"""

from collections.abc import Mapping
from pathlib import Path as FilePath

from msgspec import ValidationError, convert
from msgspec.structs import replace

from ..catalog.builtin import CATALOG
from ..catalog.declarations import Extension
from ..catalog.document import Document, Plain, refusal
from ..catalog.extend import Checked, check
from ..catalog.shape import Fitted, prune
from ..catalog.source import MAX_BYTES, read_yaml
from ..catalog.spec import Catalog
from ..model.errors import ConfigError, Problem
from .environment import read_environment
from .flags import read_overrides
from .keys import SHAPE
from .layers import Layers
from .model import CatalogFiles, Config
from .rules import Names, findings

NO_FILE = "configuration"  # How messages call it when there is no file.
OWN = tuple(Extension.__struct_fields__)


def load_config(
    file: str | FilePath | None,
    *,
    environ: Mapping[str, str],
    overrides: Mapping[str, object],
    base: Catalog = CATALOG,
) -> Config:
    """
    Return the configuration of *file*, changed by *environ* and then by *overrides*.

    Args:
        file: YAML; None means defaults only.
        environ: Only variables that begin with ``BOT_EXPORTER_`` are read.
        overrides: Dotted path to value, from the command line; None means not given.
        base: The catalogue that own events and metrics extend.

    Raises:
        ConfigError: with every mistake in all of them.
    """
    problems: list[Problem] = []
    layers = _layers(file, environ=environ, overrides=overrides, problems=problems)
    tree, inline = _split(layers.value, layers)
    fitted = SHAPE.fit(tree)
    problems += [layers.problem(path, message) for path, message in fitted.findings]
    config = _convert(layers.anchored(_sound(fitted)), layers, problems)
    checked = check(base, [inline, *_extension_files(config, layers, problems)])
    problems += checked.problems
    names = _names(base, checked)
    problems += [layers.problem(path, message) for path, message in findings(config, names)]
    if problems:
        raise refusal(problems)
    own = checked.extension
    section = CatalogFiles(
        files=config.catalog.files, events=own.events, labels=own.labels, metrics=own.metrics
    )
    return replace(config, catalog=section)


def read_document(file: FilePath) -> Document:
    """
    Return the YAML document in *file*.

    Raises:
        ConfigError: the file cannot be read, or is no YAML at all.
    """
    content = _content(file)
    try:
        return read_yaml(content.decode("utf-8-sig"), str(file))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(file, "holds bytes that are no UTF-8; save it as UTF-8", line) from None


def _content(file: FilePath) -> bytes:
    try:
        if not file.is_file():
            # Opening a pipe would wait for its writer for ever.
            reason = "is not a file" if file.exists() else "does not exist"
            raise _refused(file, f"{reason}; check its name")
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
        raise _refused(file, f"{reason}; check its permissions") from None


def _refused(file: FilePath, message: str, line: int = 0) -> ConfigError:
    return ConfigError([Problem(file=str(file), line=line, path="", message=message)])


def _layers(
    file: str | FilePath | None,
    *,
    environ: Mapping[str, str],
    overrides: Mapping[str, object],
    problems: list[Problem],
) -> Layers:
    document = Document(file=NO_FILE, value=None)
    if file is not None:
        try:
            document = read_document(FilePath(file))
        except ConfigError as error:
            problems += error.problems
    settings, of_environment = read_environment(environ)
    flags, of_overrides = read_overrides(overrides)
    problems += [*document.problems, *of_environment, *of_overrides]
    return Layers(document, [*settings, *flags])


def _split(value: Plain, layers: Layers) -> tuple[Plain, Document]:
    """Return *value* without the declarations made in it, and those as a document of their own."""
    section = value.get("catalog") if isinstance(value, dict) else None
    document = layers.document
    empty = Document(file=document.file, value={}, lines=document.lines, prefix=("catalog",))
    if not isinstance(value, dict) or not isinstance(section, dict):
        return value, empty
    own: Plain = {key: item for key, item in section.items() if key in OWN}
    rest: Plain = {key: item for key, item in section.items() if key not in OWN}
    inline = Document(file=document.file, value=own, lines=document.lines, prefix=("catalog",))
    return {**value, "catalog": rest}, inline


def _sound(fitted: Fitted) -> Plain:
    """Return the value without its broken parts, so that the rest is checked as well."""
    while fitted.findings:
        fitted = SHAPE.fit(prune(fitted.value, (path for path, _ in fitted.findings)))
    return fitted.value


def _convert(value: Plain, layers: Layers, problems: list[Problem]) -> Config:
    try:
        return convert(value, Config)
    except (ValidationError, OverflowError) as error:
        problems.append(layers.problem((), f"{error}; correct it"))
        return Config()


def _extension_files(config: Config, layers: Layers, problems: list[Problem]) -> list[Document]:
    documents: list[Document] = []
    for index, file in enumerate(config.catalog.files):
        if not file or "\0" in file or file in config.catalog.files[:index]:
            continue  # The rules report it.
        try:
            documents.append(read_document(FilePath(file)))
        except ConfigError as error:
            here = ("catalog", "files", index)
            problems += (p if p.line else layers.problem(here, str(p)) for p in error.problems)
    return documents


def _names(base: Catalog, checked: Checked) -> Names:
    labels = checked.label_names | {label.name for label in base.labels}
    own = frozenset(event.name for event in checked.extension.events)
    return Names(
        events=own | base.by_event.keys(),
        labels=labels,
        metrics=checked.metric_names | base.by_metric.keys(),
    )
