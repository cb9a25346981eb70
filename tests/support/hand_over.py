"""
Starts a program as systemd starts a service with sockets, in this very process.

`python -m tests.support.hand_over NAME:NAME DESCRIPTOR:DESCRIPTOR COMMAND...`
"""

import fcntl
import os
import sys

FIRST_DESCRIPTOR = 3
OUT_OF_THE_WAY = 64  # Above the descriptors that are about to be taken.


def main() -> None:
    """Put the descriptors where the protocol wants them, and become the command."""
    _, names, descriptors, *command = sys.argv
    kept = [
        fcntl.fcntl(int(each), fcntl.F_DUPFD, OUT_OF_THE_WAY) for each in descriptors.split(":")
    ]
    for place, descriptor in enumerate(kept, FIRST_DESCRIPTOR):
        os.dup2(descriptor, place)
        os.close(descriptor)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(kept)), LISTEN_FDNAMES=names)
    os.execvp(command[0], command)  # noqa: S606 - the command of a test


if __name__ == "__main__":
    main()
