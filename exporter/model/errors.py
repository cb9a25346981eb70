"""
The exceptions of the product.

ExporterError
    CatalogError    a declaration is unsound
    ConfigError     the configuration cannot be used
    StorageError    a file or directory failed
        LogUnavailableError  this commit is not on disk; send the batch again later
        LogFullError         there is no room for another event
        DirectoryLockedError another process owns the storage directory
        DataTooNewError      the directory was written by a newer version
        DamagedError         what is in the file cannot be read
"""

from collections.abc import Sequence
from dataclasses import dataclass


class ExporterError(Exception):
    """Base of everything the product raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file a person wrote: where it is and what to do."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        """Return ``file:line: path: message``, the form editors can jump to."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class CatalogError(ExporterError):
    """The catalogue declares something that cannot hold."""


class ConfigError(ExporterError):
    """The configuration is refused; *problems* lists every reason at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class StorageError(ExporterError):
    """A file operation failed; the message names the file and the remedy."""


class LogUnavailableError(StorageError):
    """The batch is not on disk. Nothing of it counts; send it again later."""


class LogFullError(StorageError):
    """No room for another event: free disk space or raise ``log.max_bytes``."""


class DirectoryLockedError(StorageError):
    """Another process owns the storage directory."""


class DataTooNewError(StorageError):
    """The directory was written by a newer version; it is left untouched."""


class DamagedError(StorageError):
    """What is in the file cannot be read, by no version."""
