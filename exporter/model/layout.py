"""Where everything lies in the storage directory."""

from pathlib import Path


class StorageLayout:
    """The files below *root*, one name for each."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    @property
    def log(self) -> Path:
        """Return the directory of the event log, its snapshots and its ids."""
        return self.root / "log"

    @property
    def pseudonym_key(self) -> Path:
        """Return the key of the pseudonyms, unless the configuration names another file."""
        return self.root / "pseudonym.key"

    @property
    def contact_key(self) -> Path:
        """Return the key that seals contact data."""
        return self.root / "contact.key"

    @property
    def operations(self) -> Path:
        """Return the SQLite database of tokens and other small state."""
        return self.root / "operations.sqlite"

    @property
    def alerting(self) -> Path:
        """Return the SQLite database of alerts, acknowledgements and messages to send."""
        return self.root / "alerting.sqlite"

    @property
    def control_socket(self) -> Path:
        """Return the Unix socket through which commands reach the running exporter."""
        return self.root / "control.sock"
