"""What an operator reads when something is wrong: `exporter.model.errors` and `verdicts`."""

import pytest

from exporter.model import errors
from exporter.model.errors import ConfigError, ExporterError, Problem, StorageError
from exporter.model.verdicts import Refusal, RefusedError


@pytest.mark.parametrize(
    ("line", "path", "text"),
    [
        (7, "bots[2].name", "site.yml:7: bots[2].name: is taken; choose another"),
        (7, "", "site.yml:7: is taken; choose another"),
        (0, "bots[2].name", "site.yml: bots[2].name: is taken; choose another"),
        (0, "", "site.yml: is taken; choose another"),
    ],
    ids=["everything", "no path", "no line", "neither"],
)
def test_a_problem_names_place_and_remedy(line: int, path: str, text: str) -> None:
    """Editors jump to `file:line`; an unknown line or path leaves no gap."""
    problem = Problem(file="site.yml", line=line, path=path, message="is taken; choose another")

    assert text == str(problem)


def test_a_refused_configuration_lists_every_problem() -> None:
    """One line each, in the order given, and at hand for programs."""
    problems = [Problem(f"{n}.yml", n, "", "is wrong; correct it") for n in range(3)]

    error = ConfigError(problems)

    assert "\n".join(map(str, problems)) == str(error)
    assert tuple(problems) == error.problems


@pytest.mark.parametrize(
    "name",
    ["LogUnavailableError", "LogFullError", "DirectoryLockedError", "DataTooNewError"],
)
def test_every_error_of_storage_is_one(name: str) -> None:
    """Who survives a failing disk names one class."""
    assert issubclass(getattr(errors, name), StorageError)


def test_every_error_raised_on_purpose_has_one_base() -> None:
    """The command line shows these without a traceback."""
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ]

    assert len(kinds) >= 8
    assert all(issubclass(kind, ExporterError) for kind in (*kinds, RefusedError))


def test_a_refusal_says_why_and_when_to_come_again() -> None:
    """Without a time, sending the same again makes no sense."""
    final = RefusedError(Refusal.TOO_LARGE, "the body is too large; split it")
    later = RefusedError(Refusal.LOG_FULL, "the log is full", retry_after_seconds=30.0)

    assert (Refusal.TOO_LARGE, "the body is too large; split it", None) == (
        final.refusal,
        str(final),
        final.retry_after_seconds,
    )
    assert 30.0 == later.retry_after_seconds
