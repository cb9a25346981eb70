"""Sending a file: every event arrives once, and every one that does not is told with its line."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exporter.cli.main import main
from exporter.ingest.auth import new_token

from .running import Call, HttpServer, Reply, Script, http_server

TOKEN = new_token()


def event(number: int, **fields: object) -> dict[str, object]:
    """Return an event with an id."""
    return {"type": "heartbeat", "bot": "shop", "id": f"e{number}", **fields}


def answer(**body: object) -> Reply:
    """Return verdicts."""
    return Reply(202, json.dumps({"accepted": 0, "duplicates": 0, "rejected": [], **body}).encode())


def accept(call: Call) -> Reply:
    """Accept everything."""
    return answer(accepted=len(call.lines))


def in_turn(*scripts: Script) -> Script:
    """Return a script that does one thing after the other, and the last for ever."""
    left = list(scripts)

    def play(call: Call) -> Reply:
        script = left.pop(0) if len(left) > 1 else left[0]
        return script(call)

    return play


def always(reply: Reply) -> Script:
    """Return a script that gives one answer."""
    return lambda _call: reply


def sent(server: HttpServer) -> list[dict[str, Any]]:
    """Return the events of all requests."""
    return [json.loads(line) for call in server.calls for line in call.lines]


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Return what writes a file of events; text stays as it is."""

    def write(*lines: dict[str, object] | str, name: str = "events.ndjson") -> Path:
        texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
        path = tmp_path / name
        path.write_text("".join(f"{text}\n" for text in texts))
        return path

    return write


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every command find a token, and wait for nothing."""
    monkeypatch.setenv("BOT_EXPORTER_TOKEN", TOKEN)


def send(path: Path | str, server: HttpServer, *words: str) -> int:
    """Run the command."""
    return main(["send", str(path), "--url", server.url, *words])


def test_events_arrive_in_order_and_compressed(
    file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """As NDJSON with the token in the header."""
    path = file(*(event(number) for number in range(7)))

    with http_server(accept) as server:
        assert 0 == send(path, server, "--batch", "3")

    assert [3, 3, 1] == [len(call.lines) for call in server.calls]
    assert [event(number) for number in range(7)] == sent(server)
    first = server.calls[0]
    assert ("/v1/events", "gzip") == (first.path, first.headers["content-encoding"])
    assert f"Bearer {TOKEN}" == first.headers["authorization"]
    assert "7 events sent: 7 accepted, 0 duplicates, 0 rejected\n" == capsys.readouterr().out


def test_an_event_without_an_id_gets_one_of_its_own(file: Callable[..., Path]) -> None:
    """Otherwise a retry would count twice; everything else stays as it was, byte by byte."""
    bare = '{ "type":"heartbeat",  "bot":"shop", "x":1.50 }'
    path = file(bare, bare, "{}", '{"id":null,"bot":"shop"}', '{"id":"mine"}', '{"id":7}')

    with http_server(accept) as server:
        send(path, server)

    events = sent(server)
    ids = [found["id"] for found in events]
    assert ["mine", 7] == ids[4:]
    assert 4 == len(set(ids[:4]))
    assert all(isinstance(made, str) and len(made) == 32 for made in ids[:4])
    assert server.calls[0].lines[0].endswith(b'"type":"heartbeat",  "bot":"shop", "x":1.50 }')


@pytest.mark.parametrize(
    "failure",
    [
        Reply(None),
        Reply(503, headers={"Retry-After": "0"}),
        Reply(429, headers={"Retry-After": "0"}),
        Reply(507, headers={"Retry-After": "0"}),
    ],
    ids=["hung up", "503", "429", "507"],
)
def test_a_retry_sends_the_same_bytes(
    file: Callable[..., Path], capsys: pytest.CaptureFixture[str], failure: Reply
) -> None:
    """The exporter recognises them by their ids."""
    path = file('{"type":"heartbeat","bot":"shop"}')

    with http_server(in_turn(always(failure), accept)) as server:
        assert 0 == send(path, server)

    first, second = server.calls
    assert first.wire == second.wire
    assert "1 accepted" in capsys.readouterr().out


def test_it_gives_up_in_the_end_and_says_where(
    file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """What was acknowledged before counts; the rest can be sent later."""
    path = file(*(event(number) for number in range(4)))
    full = Reply(507, b'{"message":"disk full"}', {"Retry-After": "60"})

    with http_server(in_turn(accept, always(full))) as server:
        assert 1 == send(path, server, "--batch", "2", "--give-up", "1s")

    out = capsys.readouterr().out
    assert f"{path}:3: stopped: gave up" in out
    assert "disk full" in out
    assert "tail -n +3" in out
    assert "2 events sent: 2 accepted" in out


def test_rejected_events_are_told_with_their_line(
    file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Blank and malformed lines do not shift the numbers."""
    path = file(event(1), "", "{broken", event(2))
    verdict = {"index": 1, "reason": "unknown_field", "path": "$.x", "message": "remove it"}

    with http_server(always(answer(accepted=1, rejected=[verdict]))) as server:
        assert 1 == send(path, server)

    out = capsys.readouterr().out
    assert f"{path}:4: unknown_field: $.x: remove it\n" in out
    assert f"{path}:3: malformed_json: " in out
    assert "1 rejected; 1 malformed lines not sent" in out
    assert [event(1), event(2)] == sent(server)


def test_a_request_with_nothing_but_rejected_events_is_no_failure_of_sending(
    file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """400 and 403 with verdicts; the next batch follows."""
    path = file(event(1), event(2), event(3))
    verdicts = json.dumps(
        {
            "accepted": 0,
            "duplicates": 0,
            "rejected": [
                {"index": 0, "reason": "bot_not_allowed", "path": "$.bot", "message": "m"}
            ],
        }
    ).encode()
    script = in_turn(always(Reply(400, verdicts)), always(Reply(403, verdicts)), accept)

    with http_server(script) as server:
        assert 1 == send(path, server, "--batch", "1")

    assert "3 events sent: 1 accepted, 0 duplicates, 2 rejected" in capsys.readouterr().out


def test_only_the_first_ten_problems_are_shown(
    file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody reads a thousand; the sum counts them all."""
    path = file(*["{broken"] * 30)

    with http_server(accept) as server:
        assert 1 == send(path, server)

    out = capsys.readouterr().out
    assert 10 == out.count("malformed_json")
    assert "... and 20 more" in out
    assert "30 malformed lines" in out


def test_duplicates_are_success(
    file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """They arrived earlier."""
    with http_server(always(answer(duplicates=1))) as server:
        assert 0 == send(file(event(1)), server)

    assert "1 duplicates" in capsys.readouterr().out


def test_a_batch_that_is_too_large_is_split(
    file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Down to single events; one that is too large alone is rejected."""
    path = file(*(event(number) for number in range(4)))

    def small_only(call: Call) -> Reply:
        is_too_large = len(call.lines) > 2 or b'"e3"' in call.lines[-1]
        return Reply(413, b'{"message":"too large"}') if is_too_large else accept(call)

    with http_server(small_only) as server:
        assert 1 == send(path, server)

    out = capsys.readouterr().out
    assert f"{path}:4: too_large: too large" in out
    assert "4 events sent: 3 accepted, 0 duplicates, 1 rejected" in out


@pytest.mark.parametrize(
    ("reply", "remedy"),
    [
        (Reply(401, b'{"message":"The token is not valid."}'), "--token-file"),
        (Reply(403, b'{"message":"The token lacks the scope."}'), "lacks the scope"),
        (Reply(404, b"<html>"), "check --url"),
        (Reply(302, b"", {"Location": "http://127.0.0.1:1/"}), "status 302"),
        (Reply(202, b"hello"), "not the answer of a bot-exporter"),
    ],
)
def test_what_another_attempt_cannot_change_ends_at_once(
    file: Callable[..., Path], capsys: pytest.CaptureFixture[str], reply: Reply, remedy: str
) -> None:
    """With the reason; redirects are not followed, the token would go along."""
    with http_server(always(reply)) as server:
        assert 1 == send(file(event(1), event(2)), server, "--batch", "1")

    assert 1 == len(server.calls)
    assert remedy in capsys.readouterr().out


@pytest.mark.parametrize("name", ["events.ndjson.gz", "no-suffix"])
def test_a_compressed_file_is_recognised_by_its_content(tmp_path: Path, name: str) -> None:
    """Not by its name."""
    path = tmp_path / name
    path.write_bytes(gzip.compress(json.dumps(event(1)).encode()))

    with http_server(accept) as server:
        assert 0 == send(path, server)

    assert [event(1)] == sent(server)


def test_a_truncated_file_sends_what_can_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says where it ends."""
    lines = "".join(json.dumps(event(number)) + "\n" for number in range(20_000))
    path = tmp_path / "events.gz"
    path.write_bytes(gzip.compress(lines.encode())[:-1000])

    with http_server(accept) as server:
        assert 1 == send(path, server)

    events = sent(server)
    assert 0 < len(events) < 20_000
    assert f"{path}:{len(events) + 1}: damaged_file" in capsys.readouterr().out


def test_standard_input_is_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: Callable[..., Path]
) -> None:
    """``-``, compressed or not."""
    path = file(event(1))

    with path.open("rb") as opened, http_server(accept) as server:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(opened))
        assert 0 == send("-", server)

    assert [event(1)] == sent(server)


def test_the_token_comes_from_a_file(
    file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that is named, otherwise the one of the first start."""
    monkeypatch.delenv("BOT_EXPORTER_TOKEN")
    named, first = tmp_path / "named", tmp_path / "ingest.token"
    for place, secret in ((named, "bo_named"), (first, "bo_first")):
        place.write_text(secret + "\n")
        place.chmod(0o600)

    with http_server(accept) as server:
        send(file(event(1)), server, "--token-file", str(named))
        send(file(event(1)), server, "--storage.path", str(tmp_path))

    sent_tokens = [call.headers["authorization"] for call in server.calls]
    assert ["Bearer bo_named", "Bearer bo_first"] == sent_tokens


def test_a_token_that_others_can_read_is_refused(
    file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the command that repairs it."""
    loose = tmp_path / "loose"
    loose.write_text(TOKEN)
    loose.chmod(0o644)

    with http_server(accept) as server:
        assert 1 == send(file(event(1)), server, "--token-file", str(loose))

    captured = capsys.readouterr()
    assert "chmod 600" in captured.err
    assert TOKEN not in captured.err
    assert [] == server.calls


def test_without_any_token_it_tries_without(
    file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exporter may be configured to need none."""
    monkeypatch.delenv("BOT_EXPORTER_TOKEN")

    with http_server(accept) as server:
        assert 0 == send(file(event(1)), server, "--storage.path", str(tmp_path))

    assert "authorization" not in server.calls[0].headers


def test_a_token_sent_in_clear_to_another_machine_is_warned_of(
    file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """It could be read on the way."""
    main(["send", str(file()), "--url", "http://events.example"])

    captured = capsys.readouterr()
    assert "events.example unencrypted" in captured.err
    assert TOKEN not in captured.err


def test_a_file_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is sent."""
    assert 1 == main(["send", "/nowhere/events.ndjson"])

    assert "/nowhere/events.ndjson: No such file" in capsys.readouterr().err


def test_an_interrupt_still_tells_what_was_acknowledged(
    file: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ctrl-C in the middle; 130."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("exporter.cli.sender.progress.Lines.advance", interrupt)

    with http_server(accept) as server:
        assert 130 == send(file(event(1), event(2)), server, "--batch", "1")

    assert "1 events sent: 1 accepted" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["f", "--batch", "0"],
        ["f", "--batch", "many"],
        ["f", "--give-up", "never"],
        ["f", "--url", "x"],
        ["f", "--token", "bo_secret"],
    ],
)
def test_wrong_usage_is_two(words: list[str]) -> None:
    """A token in an argument is refused: every user of the machine could read it."""
    assert 2 == main(["send", *words])
