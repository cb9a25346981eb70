"""Bytes of a configuration file: a configuration, or every mistake with its place."""

import tempfile
from pathlib import Path

from exporter.config.load import load_config
from exporter.config.model import Config
from exporter.model.errors import ConfigError

_FILE = Path(tempfile.mkdtemp(prefix="fuzz-config-")) / "exporter.yml"


def configure(data: bytes) -> str:
    """Load *data* as the configuration file."""
    _FILE.write_bytes(data)
    try:
        config = load_config(_FILE, environ={}, overrides={})
    except ConfigError as error:
        _check(error)
        return f"{min(len(error.problems), 3)} problems"
    assert isinstance(config, Config)
    return "accepted"


def _check(error: ConfigError) -> None:
    """Check that there are problems, each with a place and a text that can be printed."""
    assert error.problems
    for problem in error.problems:
        assert problem.file, problem
        assert problem.line >= 0, problem
        assert problem.message.strip(), problem
    assert str(error).encode()
