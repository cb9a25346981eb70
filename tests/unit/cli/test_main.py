"""The program as a whole: finding commands, telling errors, starting fast."""

import subprocess
import sys
from pathlib import Path

import pytest

from exporter import __version__
from exporter.cli import commands, main
from exporter.cli.commands import COMMANDS, load_command
from exporter.cli.reference import cli_reference
from exporter.model.errors import ExporterError

ERRORS_IN_CONFIG = "storage:\n  path: 7\ningest:\n  max_events: many\nnonsense: 1\n"


class FakeCommand:
    """A command that ends as the test wants."""

    def __init__(self, ending: BaseException | int) -> None:
        self.ending = ending

    def add_parser(self, subparsers: commands.Subparsers) -> None:
        commands.new_parser(subparsers, "serve")

    def run(self, _args: object) -> int:
        if isinstance(self.ending, BaseException):
            raise self.ending
        return self.ending


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> FakeCommand:
    """Return the stand-in for ``serve``."""
    fake = FakeCommand(0)
    monkeypatch.setattr(main, "load_command", lambda _name: fake)
    return fake


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the interpreter."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_the_version_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts read it: name, version, Python."""
    assert 0 == main.main(["--version"])

    name, version, *_ = capsys.readouterr().out.split()
    assert ("bot-exporter", __version__) == (name, version)


def test_python_dash_m_is_the_command() -> None:
    """Where the script is not on the path, the module is."""
    done = python("-m", "exporter", "--version")

    assert (0, main.version_line() + "\n") == (done.returncode, done.stdout)


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """With one line each."""
    assert 0 == main.main(["--help"])

    text = " ".join(capsys.readouterr().out.split())
    assert [] == [line for line in COMMANDS.items() if " ".join(line) not in text]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In the words of the list."""
    assert 0 == main.main([name, "--help"])

    text = " ".join(capsys.readouterr().out.split())
    assert f"usage: bot-exporter {name}" in text
    assert COMMANDS[name] in text


@pytest.mark.parametrize(
    "words",
    [[], ["nonsense"], ["--nonsense"], ["serve", "--nonsense"], ["token"], ["--config.file", "x"]],
)
def test_wrong_usage_is_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A script can tell it from a failure."""
    assert 2 == main.main(words)

    captured = capsys.readouterr()
    assert ("", True) == (captured.out, "usage: bot-exporter" in captured.err)


def test_flags_cannot_be_abbreviated() -> None:
    """An abbreviation breaks when a longer flag comes."""
    assert 2 == main.main(["check-config", "--log.lev", "info"])


def test_every_mistake_of_a_configuration_is_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody wants to find them one by one."""
    file = tmp_path / "config.yml"
    file.write_text(ERRORS_IN_CONFIG)

    assert 1 == main.main(["check-config", "--config.file", str(file)])

    lines = capsys.readouterr().err.splitlines()
    assert [2, 4, 5] == [int(line.removeprefix(f"{file}:").split(":")[0]) for line in lines]


def test_an_error_of_ours_is_a_message(
    ending: FakeCommand, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback: it is about the world, not about the program."""
    ending.ending = ExporterError("data: disk full; make room")

    assert 1 == main.main(["serve"])

    assert "bot-exporter: data: disk full; make room\n" == capsys.readouterr().err


def test_an_error_of_the_system_is_a_message(
    ending: FakeCommand, capsys: pytest.CaptureFixture[str]
) -> None:
    """Such as an address that is in use."""
    ending.ending = OSError(98, "Address already in use")

    assert 1 == main.main(["serve"])

    assert "Address already in use" in capsys.readouterr().err


def test_a_defect_is_not_hidden(ending: FakeCommand) -> None:
    """A traceback is what we need to repair it."""
    ending.ending = ZeroDivisionError()

    with pytest.raises(ZeroDivisionError):
        main.main(["serve"])


def test_an_interrupt_is_quiet(ending: FakeCommand, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C is 130, as a shell says it."""
    ending.ending = KeyboardInterrupt()

    assert 130 == main.main(["serve"])

    assert ("", "") == tuple(capsys.readouterr())


def test_the_code_of_the_command_is_that_of_the_program(ending: FakeCommand) -> None:
    """The command decides what success is."""
    ending.ending = 1

    assert 1 == main.main(["serve"])


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    """``| head`` must not end in a traceback."""
    script = (
        "import os, sys\n"
        "from exporter.cli.main import main\n"
        "reading, writing = os.pipe()\n"
        "os.close(reading)\n"
        "os.dup2(writing, 1)\n"
        "sys.exit(main(['check-config']))\n"
    )

    done = python("-c", script)

    assert (141, "") == (done.returncode, done.stderr)


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["healthcheck", "--help"]])
def test_small_commands_start_fast(words: list[str]) -> None:
    """Containers ask for their health every few seconds: nothing heavy is read for that."""
    script = (
        "import sys\n"
        "from exporter.cli.main import main\n"
        f"main({words!r})\n"
        "heavy = {'aiohttp', 'structlog', 'jsonschema', 'yaml', 'sqlite3', 'asyncio'}\n"
        "print(*(heavy & set(sys.modules)), sep='', end='', file=sys.stderr)\n"
    )

    done = python("-c", script)

    assert "" == done.stderr


def test_only_the_chosen_command_is_read() -> None:
    """The others may be as heavy as they like."""
    script = (
        "import sys\n"
        "from exporter.cli.main import main\n"
        "main(['token', '--help'])\n"
        "sys.exit(int(any(name.endswith('cli.serve') for name in sys.modules)))\n"
    )

    assert 0 == python("-c", script).returncode


def test_the_reference_holds_every_flag_of_every_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is made from the parsers, whatever the version of Python."""
    reference = cli_reference()

    for name in COMMANDS:
        main.main([name, "--help"])
        words = capsys.readouterr().out.replace("[", " ").replace("]", " ").split()
        flags = {word for word in words if word.startswith("--") and word != "--help"}
        assert f"## {name}\n" in reference
        assert set() == {flag for flag in flags if f"`{flag}" not in reference}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded(name: str) -> None:
    """The table and the modules agree."""
    command = load_command(name)

    assert callable(command.run)
