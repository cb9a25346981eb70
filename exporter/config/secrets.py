"""Secrets come from files that nobody else can read, never from arguments or addresses."""

import stat
from pathlib import Path

LARGEST = 65_536
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_secret(file: Path) -> str:
    """
    Return the text of *file* without the line end that editors add.

    Raises:
        ValueError: others may read it, it is empty, or it cannot be read; the message, meant to
            follow the name of the setting, holds the remedy.
    """
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"{file} is not a file; name a file that holds the value")
        if status.st_mode & OTHERS:
            mode = stat.S_IMODE(status.st_mode)
            raise ValueError(f"{file} is open to others (mode {mode:04o}); run chmod 600 {file}")
        with file.open(encoding="utf-8") as opened:
            text = opened.read(LARGEST + 1)
    except OSError as error:
        reason = error.strerror or error
        raise ValueError(f"{file} cannot be read ({reason}); check path and owner") from None
    except UnicodeDecodeError:
        raise ValueError(f"{file} is not text; save it as UTF-8") from None
    text = text.rstrip("\r\n")
    if not text or len(text) > LARGEST:
        raise ValueError(f"{file} is empty or too large; it holds the value and nothing else")
    return text
