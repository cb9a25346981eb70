"""Is it ready? The answer of a container's health check."""

from pathlib import Path

import pytest

from exporter.cli.main import main

from .running import Reply, control_server, http_server


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (302, 1), (None, 1)])
def test_only_200_is_ready(
    status: int | None, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything else is not, redirects included, and the reason goes to standard error."""
    reply = Reply(status, headers={"Location": "/elsewhere"})

    with http_server(lambda _call: reply) as server:
        assert code == main(["healthcheck", "--url", f"{server.url}/-/ready"])

    assert ["/-/ready"] == [call.path for call in server.calls]
    assert bool(code) == ("not ready: " in capsys.readouterr().err)


def test_nobody_there_is_not_ready(capsys: pytest.CaptureFixture[str]) -> None:
    """A refused connection is an answer, too."""
    assert 1 == main(["healthcheck", "--url", "http://127.0.0.1:1/-/ready"])

    assert "refused" in capsys.readouterr().err


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would answer for somebody else."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    with http_server(lambda _call: Reply(200)) as server:
        assert 0 == main(["healthcheck", "--url", server.url])


@pytest.mark.parametrize(("is_ready", "code"), [(True, 0), (False, 1)])
def test_the_control_socket_can_be_asked(tmp_path: Path, code: int, *, is_ready: bool) -> None:
    """Whatever TLS or passwords the listeners demand."""
    with control_server(tmp_path, is_ready=is_ready):
        assert code == main(["healthcheck", "--storage.path", str(tmp_path)])


def test_without_a_socket_it_is_not_ready(tmp_path: Path) -> None:
    """Not an error of usage: the container is just not there yet."""
    assert 1 == main(["healthcheck", "--storage.path", str(tmp_path)])


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/",
        "host:10351",
        "http://",
        "http://user:password@host/",
        "http://host/a b",
        "http://host:99999/",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_url_is_wrong_usage(url: str) -> None:
    """Also one with a password, which every user of the machine could read."""
    assert 2 == main(["healthcheck", "--url", url])


@pytest.mark.parametrize("timeout", ["0s", "soon", "-1s"])
def test_what_is_no_time_is_wrong_usage(timeout: str) -> None:
    """A check that waits for ever is none."""
    assert 2 == main(["healthcheck", f"--timeout={timeout}"])
