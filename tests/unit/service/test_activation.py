"""Sockets that systemd passes on: `exporter.service.activation`."""

import os
import socket
from collections.abc import Callable, Iterator

import pytest

from exporter.model.errors import ConfigError
from exporter.service.activation import Sockets, take_sockets


class Passed:
    """Sockets under consecutive descriptors, and the environment that speaks of them."""

    def __init__(self) -> None:
        self.environ = {"HOME": "/nowhere", "LISTEN_PID": str(os.getpid())}
        self.first = 0
        self._open: list[int] = []

    def hold(self, names: str, *sockets: socket.socket) -> None:
        """Let the environment speak of copies of *sockets*; the originals are closed."""
        self.first = max(map(int, os.listdir("/proc/self/fd"))) + 50  # noqa: PTH208 - numbers
        for place, sock in enumerate(sockets, self.first):
            with sock:
                self._open.append(os.dup2(sock.fileno(), place))
        self.environ |= {"LISTEN_FDS": str(len(sockets)), "LISTEN_FDNAMES": names}

    def take(self) -> Sockets:
        """Take them, as the exporter does."""
        return take_sockets(self.environ, first=self.first)

    def are_open(self) -> list[bool]:
        """Return of each descriptor whether it is open."""
        return [os.path.exists(f"/proc/self/fd/{each}") for each in self._open]  # noqa: PTH110

    def close(self) -> None:
        """Close what is still open."""
        for descriptor, is_open in zip(self._open, self.are_open(), strict=True):
            if is_open:
                os.close(descriptor)


@pytest.fixture
def passed() -> Iterator[Passed]:
    """Return an environment without any socket."""
    passed = Passed()
    yield passed
    passed.close()


def listening(family: socket.AddressFamily = socket.AF_INET) -> socket.socket:
    """Return a socket that listens on loopback."""
    host = "::1" if family is socket.AF_INET6 else "127.0.0.1"
    return socket.create_server((host, 0), family=family)


def refusal(passed: Passed) -> str:
    """Return why the sockets are refused."""
    with pytest.raises(ConfigError) as refused:
        passed.take()
    return str(refused.value)


def test_each_listener_gets_the_socket_of_its_name(passed: Passed) -> None:
    """In whatever order the units pass them."""
    internal, public = listening(), listening()
    want = internal.getsockname(), public.getsockname()
    passed.hold("internal:public", internal, public)

    sockets = passed.take()

    assert sockets.internal is not None
    assert sockets.public is not None
    with sockets.internal as internal, sockets.public as public:
        assert want == (internal.getsockname(), public.getsockname())
        assert ["public", "internal"] == sockets.names


def test_one_socket_is_enough(passed: Passed) -> None:
    """The other listener binds its own."""
    passed.hold("public", listening())

    sockets = passed.take()

    assert sockets.public is not None
    with sockets.public as public:
        assert f"127.0.0.1:{public.getsockname()[1]}" == sockets.public_address
    assert sockets.internal is None


def test_a_socket_of_ipv6_is_as_good(passed: Passed) -> None:
    """`ListenStream=10350` makes one, which takes IPv4 as well."""
    passed.hold("public", listening(socket.AF_INET6))

    sockets = passed.take()

    assert sockets.public is not None
    with sockets.public as public:
        assert f"[::1]:{public.getsockname()[1]}" == sockets.public_address


def test_children_learn_nothing(passed: Passed) -> None:
    """Neither the variables nor the descriptors reach them."""
    passed.hold("public", listening())

    sockets = passed.take()

    assert {"HOME": "/nowhere"} == passed.environ
    assert sockets.public is not None
    with sockets.public as public:
        assert not os.get_inheritable(public.fileno())


@pytest.mark.parametrize("pid", ["", "1", "x", "-1"])
def test_sockets_for_another_process_are_left_alone(passed: Passed, pid: str) -> None:
    """A program between systemd and us got them; what lies at these numbers is not ours."""
    passed.hold("public", listening())
    passed.environ["LISTEN_PID"] = pid

    assert Sockets() == passed.take()
    assert [True] == passed.are_open()
    assert {"HOME": "/nowhere"} == passed.environ


def test_without_systemd_there_are_none() -> None:
    """And nothing is wrong with that."""
    assert Sockets() == take_sockets({})
    assert [] == Sockets().names
    assert "" == Sockets().public_address


@pytest.mark.parametrize("count", ["", "x", "-1", "1.5", "²", "9" * 5000])
def test_a_count_that_is_none_is_refused(passed: Passed, count: str) -> None:
    """It is not guessed how many sockets were meant."""
    passed.environ |= {"LISTEN_FDS": count, "LISTEN_FDNAMES": "public"}

    assert refusal(passed).startswith("LISTEN_FDS: ")


@pytest.mark.parametrize("names", ["", "public", "public:internal:public"])
def test_there_are_as_many_names_as_sockets(passed: Passed, names: str) -> None:
    """A socket whose name is missing could be either."""
    passed.hold(names, listening(), listening())

    message = refusal(passed)

    assert message.startswith("LISTEN_FDNAMES: ")
    assert "for 2 sockets" in message
    assert "write FileDescriptorName=public or =internal" in message


def test_every_mistake_is_named_at_once(passed: Passed) -> None:
    """A name we do not know, a name twice, and a socket that takes no connections."""
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    passed.hold("public:public:metrics.socket", listening(), datagrams, listening())

    lines = refusal(passed).splitlines()

    assert 3 == len(lines)
    assert lines[0].startswith("LISTEN_FDNAMES: 'metrics.socket' is no listener; write ")
    assert lines[1].startswith("LISTEN_FDNAMES: 'public' has several sockets; leave it one ")
    assert lines[2].startswith(f"LISTEN_FDS: the socket 'public' (descriptor {passed.first + 1}) ")
    assert lines[2].endswith("Accept=yes")
    assert not any(passed.are_open())


def connected() -> socket.socket:
    """Return a connection, which `Accept=yes` would pass instead of the listening socket."""
    with listening() as server:
        return socket.create_connection(server.getsockname())


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM), "takes datagrams"),
        (lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), "is not of TCP"),
        (lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM), "does not listen"),
        (connected, "does not listen"),
    ],
    ids=["datagrams", "unix", "unbound", "connection"],
)
def test_a_socket_that_cannot_serve_is_refused(
    passed: Passed,
    make: Callable[[], socket.socket],
    why: str,
) -> None:
    """With what it is, which one, and what to write."""
    passed.hold("internal", make())

    message = refusal(passed)

    assert f"the socket 'internal' (descriptor {passed.first}) {why}" in message
    assert "write ListenStream=HOST:PORT" in message
    assert [False] == passed.are_open()


def test_what_is_no_socket_at_all_is_refused(passed: Passed) -> None:
    """Another program's file, or nothing, at the descriptor."""
    passed.hold("public", listening())
    passed.close()

    assert "Bad file descriptor; write ListenStream=" in refusal(passed)
