"""The secrets that checks need, read from their files."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..model.errors import ConfigError, Problem
from .probe_targets import target_problem
from .probes import Check, HttpSettings, Module, Probes
from .secrets import read_secret

Named = tuple[str, str]  # Where it is named, and the file.


def read_probe_files(probes: Probes) -> Mapping[str, str]:
    """
    Return what the files named in *probes* hold, by file.

    Raises:
        ConfigError: with every file that cannot be used.
    """
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    for path, file in _named(probes):
        try:
            texts[file] = read_secret(Path(file))
        except ValueError as error:
            problems.append(Problem(file=file, line=0, path=path, message=str(error)))
    problems += _targets(probes, texts)
    if problems:
        raise ConfigError(problems)
    return texts


def _named(probes: Probes) -> Iterator[Named]:
    for index, check in enumerate(probes.checks):
        here = f"probes.checks[{index}]"
        if check.target_file:
            yield f"{here}.target_file", check.target_file
        yield from _of_module(check, here)
        yield from _of_check(check, here)
    for name, module in probes.modules.items():
        yield from _of_module(module, f"probes.modules.{name}")


def _of_module(module: Module, here: str) -> Iterator[Named]:
    if module.http is not None:
        yield from _of_http(module.http, f"{here}.http")
    for kind, settings in (("redis", module.redis), ("postgres", module.postgres)):
        if settings is not None and settings.password_file:
            yield f"{here}.{kind}.password_file", settings.password_file


def _of_check(check: Check, here: str) -> Iterator[Named]:
    if check.webhook is not None:
        yield from _of_http(check.webhook, f"{here}.webhook")
    if check.conversation is not None:
        for index, step in enumerate(check.conversation.steps):
            yield from _of_http(step, f"{here}.conversation.steps[{index}]")


def _of_http(settings: HttpSettings, here: str) -> Iterator[Named]:
    for name, file in settings.header_files.items():
        yield f"{here}.header_files.{name}", file
    if settings.body_file:
        yield f"{here}.body_file", settings.body_file


def _targets(probes: Probes, texts: Mapping[str, str]) -> Iterator[Problem]:
    for index, check in enumerate(probes.checks):
        text = texts.get(check.target_file)
        if text is None or not check.kinds:
            continue
        if target_problem(check.kinds[0], text):
            # Never the text itself: it is a secret.
            path = f"probes.checks[{index}].target_file"
            message = "holds no target; write a URL or host:port and nothing else"
            yield Problem(file=check.target_file, line=0, path=path, message=message)
