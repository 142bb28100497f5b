import errno
import ipaddress
import socket as blocking

import gevent
import pytest
from gevent import socket

from geventim.channel.connection import TruncationError
from geventim.chat.replies import Announcement
from geventim.errors import NetworkError, UserError
from geventim.net.connection import Connection
from geventim.net.gate import await_next_pass
from geventim.net.inlet import Inlet
from geventim.server.clients import listener as module
from geventim.server.clients.bounds import Bounds
from geventim.server.clients.listener import CANNOT_LISTEN, bind, local_address
from tests.greenlets import until
from tests.house import House
from tests.raw_client import RawClient


class TestBind:
    def test_port_zero_is_a_free_one(self):
        with bind("127.0.0.1", 0) as one, bind("127.0.0.1", 0) as two:
            ports = {sock.getsockname()[1] for sock in (one, two)}
            assert len(ports) == 2
            socket.create_connection(one.getsockname()).close()

    def test_a_name_with_addresses_of_both_kinds_is_where_clients_look_first(self, monkeypatch):
        def find(host, port, **_):
            places = [(socket.AF_INET6, ("::1", port)), (socket.AF_INET, ("127.0.0.1", port))]
            return [(family, socket.SOCK_STREAM, 6, "", place) for family, place in places]

        monkeypatch.setattr(module.socket, "getaddrinfo", find)
        with bind("localhost", 0) as bound:
            assert bound.getsockname()[0] == "127.0.0.1"

    def test_ipv6(self):
        with bind("::1", 0) as bound:
            assert bound.getsockname()[0] == "::1"

    def test_what_is_accepted_writes_at_once_and_notices_dead_machines(self):
        with bind("127.0.0.1", 0) as bound, socket.create_connection(bound.getsockname()):
            accepted, _ = bound.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
                assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 40_000

    def test_a_port_whose_last_connections_linger_can_be_had_again(self):
        bound = bind("127.0.0.1", 0)
        address = bound.getsockname()
        client = socket.create_connection(address)
        accepted, _ = bound.accept()
        accepted.close()  # who closes first waits in TIME_WAIT
        assert client.recv(1) == b""
        client.close()
        bound.close()
        bind(*address).close()

    def test_an_address_in_use_cannot_be_had(self):
        with bind("127.0.0.1", 0) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(UserError) as caught:
                bind("127.0.0.1", port)
        assert caught.value.code == CANNOT_LISTEN
        assert f"127.0.0.1, port {port}: Address already in use." in caught.value.text
        assert "--port" in caught.value.advice

    @pytest.mark.parametrize("host", ["192.0.2.1", "a..b", "x" * 300])
    def test_what_is_not_ours_cannot_be_had(self, host):
        with pytest.raises(UserError) as caught:
            bind(host, 0)
        assert caught.value.code == CANNOT_LISTEN
        assert host in caught.value.text
        assert "None" not in caught.value.text


def test_the_local_address_is_one():
    address = ipaddress.ip_address(local_address())
    with bind(str(address), 0):
        pass


class TestServing:
    def test_each_client_has_a_greenlet_of_its_own(self, house, enter):
        for nick in ("alice", "bob", "carol"):
            enter(nick)
        sessions = list(house.service.connected)
        assert len({session.outlet.greenlet for session in sessions}) == 3

    def test_who_waits_keeps_little_more_than_one_that_does_nothing_but_read(self, house, enter):
        enter("alice")
        (client,) = (session.outlet for session in house.service.connected)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            reading = gevent.spawn(Inlet(ours).read, 1)
            until(lambda: client.greenlet._stack_saved and reading._stack_saved)
            assert client.greenlet._stack_saved < reading._stack_saved + 512
            reading.kill()

    def test_a_client_that_breaks_ends_alone(self, house, enter):
        alice = enter("alice")
        with socket.create_connection((house.link.host, house.link.port)) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
            until(lambda: stranger.recv(65536) == b"")
        house.service.announce("as ever")
        alice.expect(lambda message: isinstance(message, Announcement))

    def test_of_a_crowd_of_strangers_few_are_accepted_between_two_passes(self, house):
        address = house.link.host, house.link.port
        crowd = [blocking.create_connection(address) for _ in range(40)]
        accepted = house.listener._handshakes
        passes, most = 0, 0
        while len(accepted) < len(crowd):
            before = len(accepted)
            await_next_pass()
            passes, most = passes + 1, max(most, len(accepted) - before)
        assert most <= 2 * module.ACCEPTED
        assert passes >= len(crowd) / most
        for stranger in crowd:
            stranger.close()

    def test_everyone_may_rest(self, monkeypatch):
        rests = set()

        def note(client):
            rests.add(client)

        monkeypatch.setattr(Connection, "rest", note)
        house = House(bounds=Bounds(rest=0.001))
        clients = [RawClient(str(house.link)) for _ in range(2)]
        for number, client in enumerate(clients):
            client.register(f"user{number}")
        until(lambda: len(rests) == 2)
        for client in clients:
            client.close()
        house.close()
        assert house.listener._resting.dead


class TestStopping:
    def test_the_connected_get_what_waits_and_a_close(self, house, enter):
        alice = enter("alice")
        house.service.announce("good night")
        stopping = gevent.spawn(house.listener.stop)
        alice.receive_all()
        assert isinstance(alice.inbox[-1][0], Announcement)
        alice.connection.close()
        stopping.get()
        assert list(house.service.connected) == []

    def test_nobody_can_connect_any_more(self, house):
        house.listener.stop()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((house.link.host, house.link.port))

    @pytest.mark.parametrize("bounds", [Bounds(drain=1000.0)])
    def test_who_has_not_logged_in_is_not_waited_for(self, house, enter):
        silent = socket.create_connection((house.link.host, house.link.port))
        until(lambda: len(house.listener._handshakes) == 1)
        stranger = enter()
        house.listener.stop()
        assert silent.recv(1) == b""
        silent.close()
        with pytest.raises((TruncationError, NetworkError)):
            stranger.connection.receive()

    @pytest.mark.parametrize("bounds", [Bounds(drain=0.01)])
    def test_who_does_not_go_is_left_behind(self, house, enter):
        enter("alice")
        house.listener.stop()
        assert len(house.listener._pool) == 0
        assert list(house.service.connected) == []


class TestCrowds:
    @pytest.fixture
    def crowded(self, monkeypatch):
        """A house with room for two clients."""
        monkeypatch.setattr(module.Listener, "__init__", _with_descriptors(module.RESERVE + 2))
        house = House()
        yield house
        house.close()

    def test_who_comes_too_late_waits_until_one_leaves(self, crowded, caplog):
        clients = [RawClient(str(crowded.link)) for _ in range(2)]
        for number, client in enumerate(clients):
            client.register(f"user{number}")
        coming = gevent.spawn(RawClient, str(crowded.link))
        until(lambda: "nobody can connect for now" in caplog.text)
        clients.pop().close()
        clients.append(coming.get(timeout=10))
        clients[-1].register("late")
        assert len([each for each in caplog.records if "nobody" in each.message]) == 1
        for client in clients:
            client.close()

    @pytest.mark.parametrize("bounds", [Bounds(pause=0.001)])
    def test_an_accept_that_fails_is_told_once_and_tried_again(self, house, monkeypatch, caplog):
        failures = 3
        accept = module.StreamServer.do_read

        def fail_first(server):
            nonlocal failures
            if failures:
                failures -= 1
                raise OSError(errno.EMFILE, "Too many open files")
            return accept(server)

        monkeypatch.setattr(module.StreamServer, "do_read", fail_first)
        client = RawClient(str(house.link))
        client.register("alice")
        client.close()
        (record,) = (each for each in caplog.records if "nobody" in each.message)
        assert record.fault == "Too many open files"


def _with_descriptors(count):
    initialise = module.Listener.__init__

    def initialise_so(listener, *arguments, **more):
        initialise(listener, *arguments, count, **more)

    return initialise_so
