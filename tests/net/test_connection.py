"""Frames go out gathered, events come in, and every way to end is told apart."""

import os

import gevent
import pytest
from gevent import socket

from geventim.channel.connection import TruncationError
from geventim.channel.events import Closed, Frames
from geventim.channel.records import MAX_RECORD
from geventim.channel.room import RoomKey, RoomSealer
from geventim.errors import MisuseError, NetworkError, PeerError
from geventim.net import connection as module
from geventim.net.connection import configure
from geventim.net.inlet import Inlet
from geventim.net.outbox import Outbox
from tests.greenlets import until


def receive_frames(connection, count):
    """The plaintexts of records until ``count`` bytes have come."""
    texts = []
    while sum(map(len, texts)) < count:
        events = connection.receive()
        assert events is not None
        texts += [event.plaintext for event in events if isinstance(event, Frames)]
    return texts


class TestGathering:
    def test_frames_of_one_pass_share_a_record(self, channels):
        client, server = channels()
        for frame in (b"one", b"two", b"three"):
            client.send(frame)
        assert receive_frames(server, 11) == [b"onetwothree"]
        client.send(b"later")
        assert receive_frames(server, 5) == [b"later"]

    def test_records_take_no_more_than_is_allowed(self, channels):
        client, server = channels()
        frames = [bytes([number]) * 1000 for number in range(10)]
        for frame in frames:
            server.send(frame)
        texts = receive_frames(client, 10_000)
        assert b"".join(texts) == b"".join(frames)
        assert [len(text) for text in texts] == [4000, 4000, 2000]  # 4 KiB before the login

    def test_nothing_is_read_behind_what_is_large(self, channels):
        client, server = channels()
        client.channel.limit = server.channel.limit = MAX_RECORD
        large = bytes(3 * module.READ_SIZE)
        for text in (large, b"small"):
            client.send(text)
            client.flush()
        assert receive_frames(server, len(large)) == [large]
        assert server.channel.held == 0
        assert receive_frames(server, 5) == [b"small"]

    def test_flush_does_not_wait_for_the_end_of_the_pass(self, channels):
        client, server = channels()
        client.send(b"one")
        client.flush()
        client.send(b"two")
        assert receive_frames(server, 6) == [b"one", b"two"]

    def test_keys_keep_their_place_among_frames_in_one_write(self, channels, monkeypatch):
        client, server = channels()
        writes = []
        put = Outbox.put
        monkeypatch.setattr(
            Outbox, "put", lambda self, data: writes.append(data) or put(self, data)
        )
        sealer = RoomSealer(RoomKey(1, 1, bytes(32)), os.urandom)
        server.send(b"one")
        server.share(sealer.key)
        server.send(b"two")
        assert receive_frames(client, 6) == [b"one", b"two"]
        assert len(writes) == 1
        server.retire(1)
        server.share(sealer.key)
        record = sealer.seal(b"three")
        server.outbox.put(record.shared + server.tag(record))
        assert receive_frames(client, 5) == [b"three"]
        assert len(writes) == 3

    def test_what_is_more_than_a_little_does_not_wait_behind_a_key(self, channels):
        client, server = channels()
        server.send(bytes(module.LITTLE // 2))
        server.share(RoomKey(1, 1, bytes(32)))
        assert server.waiting > module.LITTLE // 2
        server.send(bytes(module.LITTLE))
        server.share(RoomKey(2, 1, bytes(32)))
        assert server.waiting == 0
        texts = receive_frames(client, 3 * module.LITTLE // 2)
        assert list(map(len, texts)) == [module.LITTLE // 2, module.LITTLE]

    def test_sending_never_lets_others_run(self, channels):
        client, _ = channels()
        ran = []
        gevent.spawn(ran.append, True)
        for _ in range(100):
            client.send(bytes(100_000))
        client.flush()
        assert ran == []

    def test_what_waits_is_counted_sealed_or_not(self, channels):
        client, server = channels()
        assert client.waiting == 0
        client.send(bytes(1000))
        assert client.waiting == 1000
        client.flush()
        assert client.waiting == 0
        for _ in range(10):
            client.send(bytes(MAX_RECORD - 100))
        assert client.waiting == 10 * (MAX_RECORD - 100)
        client.flush()
        assert MAX_RECORD < client.waiting == client.outbox.size
        server.channel.limit = MAX_RECORD
        receive_frames(server, 1000 + 10 * (MAX_RECORD - 100))
        client.outbox.join()
        assert client.waiting == 0


class TestRest:
    @pytest.mark.parametrize("is_busy", [True, False])
    def test_only_a_busy_connection_keeps_what_it_can_make_again(self, channels, is_busy):
        client, server = channels()
        server.is_busy = is_busy
        client.send(b"question")
        receive_frames(server, 8)
        assert (server.channel._opener._opener is not None) == is_busy
        server.send(b"answer")
        assert receive_frames(client, 6) == [b"answer"]
        assert (server.channel._sealer._sealer is not None) == is_busy
        client.send(b"again")
        assert receive_frames(server, 5) == [b"again"]


class TestSignsOfLife:
    @pytest.fixture
    def agreed(self, channels):
        client, server = channels()
        for side in (client, server):
            side.channel.agree_on_life_signs()
        return client, server

    def test_a_ping_is_answered_before_what_is_sent_in_the_same_pass(self, agreed):
        client, server = agreed
        client.ping()
        client.flush()
        assert server.receive() == []
        server.send(b"answer")
        assert receive_frames(client, 6) == [b"answer"]
        assert client.channel._life.asked == 0

    def test_a_pong_keeps_its_place_behind_what_waits(self, agreed, monkeypatch):
        client, server = agreed
        client.ping()
        client.flush()

        read = Inlet.read

        def read_late(inlet, size, _take_turn=None):
            data = read(inlet, size)
            # What others say in this pass, before it is our turn.
            server.send(b"before")
            server.share(RoomKey(1, 1, bytes(32)))
            return data

        monkeypatch.setattr(Inlet, "read", read_late)
        server.receive()
        monkeypatch.undo()
        server.send(b"after")
        assert receive_frames(client, 11) == [b"before", b"after"]

    def test_many_pings_in_one_read_are_answered_once(self, agreed):
        client, server = agreed
        for _ in range(100):
            client.ping()
        client.flush()
        server.receive()
        server.flush()
        assert server.channel.said == 1

    def test_who_is_closing_neither_asks_nor_answers(self, agreed):
        client, server = agreed
        client.ping()
        client.flush()
        server.close()
        server.ping()
        assert server.receive() == []
        assert client.receive() == [Closed()]

    def test_progress_is_what_comes_and_what_is_taken_after_a_wait(self, agreed):
        client, server = agreed
        assert (client.heard, server.heard) == (1, 2)  # of the handshake
        client.send(b"question")
        receive_frames(server, 8)
        assert server.progress == server.heard == 3
        server.channel.limit = MAX_RECORD
        for _ in range(10):
            server.send(bytes(MAX_RECORD - 100))
        server.flush()
        waiting = server.outbox.size
        assert waiting
        assert server.progress == 3
        receive_frames(client, 10 * (MAX_RECORD - 100))
        server.outbox.join()
        assert server.progress == 3 + waiting

    def test_what_the_other_system_has_is_confirmed(self, agreed):
        client, server = agreed
        for _ in range(10):
            client.send(bytes(MAX_RECORD - 100))
        client.flush()
        assert client.unconfirmed > client.outbox.size > 0
        server.channel.limit = MAX_RECORD
        receive_frames(server, 10 * (MAX_RECORD - 100))
        until(lambda: client.unconfirmed == 0)
        client.abort()
        assert client.unconfirmed == 0


class TestEnding:
    def test_close_comes_after_everything_that_was_sent(self, channels):
        client, server = channels()
        client.send(b"last words")
        client.close()
        events = []
        while (more := server.receive()) is not None:
            events += more
        assert events == [Frames(b"last words"), Closed()]
        server.close()
        assert client.receive() == [Closed()]
        assert client.receive() is None

    def test_close_does_not_wait(self, channels):
        client, _ = channels()
        ran = []
        gevent.spawn(ran.append, True)
        client.send(bytes(MAX_RECORD - 100))
        client.close()
        client.close()
        assert ran == []

    def test_nothing_is_sent_after_close(self, channels):
        client, server = channels()
        client.close()
        client.send(b"too late")
        assert server.receive() == [Closed()]
        assert server.receive() is None

    def test_peer_that_does_not_close_is_given_up(self, channels):
        client, _ = channels()
        client.close(farewell=0.01)
        with pytest.raises((TruncationError, NetworkError)):
            client.receive()

    def test_socket_is_given_back_in_the_end(self, channels):
        client, server = channels()
        client.close(farewell=0.01)
        server.close()
        while client.receive() is not None:
            pass
        until(lambda: client._socket.fileno() == server._socket.fileno() == -1)

    def test_peer_that_takes_nothing_is_given_up(self, channels):
        client, _ = channels()
        for _ in range(10):
            client.send(bytes(MAX_RECORD - 100))
        client.close(linger=0.01, farewell=0.01)
        with pytest.raises((TruncationError, NetworkError)):
            client.receive()

    def test_end_without_a_word_is_truncation(self, channels):
        client, server = channels()
        client.send(b"some")
        client.flush()
        client.abort()
        assert receive_frames(server, 4) == [b"some"]
        with pytest.raises(TruncationError):
            server.receive()

    def test_reset_is_an_error_of_the_network(self, channels):
        client, server = channels()
        client._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client._socket.close()
        with pytest.raises(NetworkError):
            server.receive()

    def test_abort_tells_whoever_waits(self, channels, background_errors):
        client, _ = channels()
        waiting = gevent.spawn(client.receive)
        gevent.sleep(0)
        client.abort()
        with pytest.raises((TruncationError, NetworkError)):
            waiting.get()
        background_errors.clear()

    def test_what_was_sent_before_an_abort_is_dropped(self, channels):
        client, server = channels()
        client.send(b"never")
        client.abort()
        client.send(b"never")
        gevent.sleep(0)  # the end of the pass
        with pytest.raises(PeerError):
            server.receive()


class TestHostilePeers:
    def test_garbage_ends_the_connection_and_what_waits_is_dropped(self, channels):
        client, server = channels()
        client._socket.sendall(b"\0\0\0\x51" + bytes(0x51))
        server.send(b"reply")
        with pytest.raises(PeerError):
            server.receive()
        gevent.sleep(0)  # the end of the pass, in which nothing may be raised
        server.send(b"nor later")
        gevent.sleep(0)
        server.abort()

    def test_frame_that_fits_no_record_is_the_callers_mistake(self, channels):
        _, server = channels()
        server.send(bytes(5000))
        with pytest.raises(MisuseError):
            server.flush()


class TestConfigure:
    def test_small_records_go_out_at_once_and_dead_machines_are_noticed(self, sockets):
        ours, _ = sockets()
        configure(ours)
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 40_000

    def test_socket_that_is_closed_already_is_left_to_its_reader(self, sockets):
        ours, _ = sockets()
        ours.close()
        configure(ours)


class TestResting:
    @pytest.fixture
    def resting(self, channels):
        """A client, and the server's side, on which somebody waits and nothing was said."""
        client, server = channels()
        client.channel.agree_on_life_signs()
        server.channel.agree_on_life_signs()
        turns = []
        reading = gevent.spawn(server.receive, lambda: turns.append(1))
        gevent.sleep(0)
        for _ in range(2):
            server.rest()
        yield client, server, reading, turns
        reading.kill()

    def test_a_ping_is_answered_and_nobody_is_woken(self, resting):
        client, server, reading, turns = resting
        heard = server.heard
        client.ping()
        assert client.receive() == []
        assert client.channel._life.asked == 0
        assert server.heard == heard + 1
        assert not turns
        assert not reading.ready()

    def test_the_next_one_takes_its_turn_unless_two_looks_have_passed(self, resting):
        client, server, reading, turns = resting
        for _ in range(2):
            client.ping()
            client.receive()
            for _ in range(2):
                server.rest()
        assert not turns
        for _ in range(2):
            client.ping()
            client.receive()
        assert reading.get() == []
        assert turns

    def test_more_than_a_ping_is_read_whole_in_a_turn(self, resting):
        client, _, reading, turns = resting
        client.send(b"a question of more than 37 bytes" * 3)
        assert reading.get() == [Frames(b"a question of more than 37 bytes" * 3)]
        assert turns

    def test_what_ends_within_a_record_is_kept(self, resting):
        client, server, reading, _ = resting
        record = client.channel.seal(b"a question")
        client.outbox.put(record[:20])
        assert reading.get() == []
        client.outbox.put(record[20:])
        assert server.receive() == [Frames(b"a question")]

    def test_a_forged_ping_ends_the_connection(self, resting, background_errors):
        client, _, reading, _ = resting
        ping = client.channel.ping()
        client.outbox.put(ping[:-1] + bytes([ping[-1] ^ 1]))
        with pytest.raises(PeerError):
            reading.get()
        background_errors.clear()

    def test_the_pong_keeps_its_place_behind_what_waits(self, resting):
        client, server, reading, _ = resting
        ping = client.channel.ping()
        server.send(b"before")
        assert not server._answer(ping)
        server.flush()
        assert server._answer(ping)
        assert receive_frames(client, 6) == [b"before"]
        assert not reading.ready()

    def test_who_waits_learns_of_the_end(self, resting, background_errors):
        _, server, reading, _ = resting
        server.abort()
        with pytest.raises(NetworkError):
            reading.get()
        background_errors.clear()

    def test_who_waits_learns_that_the_peer_has_gone(self, resting, background_errors):
        client, _, reading, _ = resting
        client.abort()
        with pytest.raises(TruncationError):
            reading.get()
        background_errors.clear()
