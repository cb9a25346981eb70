"""Free ports on loopback."""

import random
import socket

# Below the range from which the system takes the ports of outgoing connections: while a server
# is down, one of its clients could otherwise be given the very port it tries to reach.
LOWEST, HIGHEST = 20_000, 32_000


def free_ports(count: int) -> list[int]:
    """Return *count* different ports on which nobody listens."""
    found: set[int] = set()
    choose = random.SystemRandom()
    while len(found) < count:
        port = choose.randrange(LOWEST, HIGHEST)
        if _is_free(port):
            found.add(port)
    return list(found)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
