"""Several servers on one Redis are one server, whatever ends."""

import os
import signal
import socket
from pathlib import Path

import gevent
import pytest

from geventim.chat import requests as ask
from geventim.chat.replies import (
    Added,
    Announcement,
    Appended,
    Error,
    ListedRoom,
    Presence,
    Superseded,
    Turn,
)
from geventim.chat.values import Purpose
from tests.conftest import PATIENCE
from tests.redis_process import RedisCluster, require


@pytest.fixture
def two(nodes):
    return nodes(), nodes()


def change(nick, turn):
    """Whether a message tells this of somebody's presence."""

    def is_told(message):
        changes = message.changes if isinstance(message, Presence) else ()
        return any(change.nick == nick and change.turn == turn for change in changes)

    return is_told


def await_names(client, *wanted):
    """Wait until ``client`` is told that these are connected."""
    with gevent.Timeout(PATIENCE):
        while True:
            told = client.ask(ask.ListNames)
            if isinstance(told, Error):
                gevent.sleep(told.wait)  # who has asked for long is told to wait
            elif told.names == wanted:
                return


def is_a(kind):
    return lambda message: isinstance(message, kind)


def texts(client, count):
    return [payload for _, payload in client.entries(count)]


class TestOneServer:
    def test_what_is_said_at_one_node_is_heard_at_the_other(self, two, clients):
        alice, bob = clients(two[0].link, "alice"), clients(two[1].link, "bob")
        room = alice.room()
        assert bob.room() == room
        assert alice.append(room, b"from a").seq == 3
        assert texts(bob, 1) == [b"from a"]
        assert bob.append(room, b"from b").seq == 4
        assert texts(alice, 1) == [b"from b"]

    def test_all_see_everything_in_one_order(self, two, clients):
        people = [clients(two[index % 2].link, f"user{index}x") for index in range(4)]
        for person in people:
            room = person.room()
        head = people[0].head(room)
        for number in range(50):
            for index, person in enumerate(people):
                fields = {
                    "conversation": room,
                    "head": head,
                    "message_id": bytes([number, index]) * 8,
                }
                person.say(ask.Append, f"{index}.{number}".encode(), **fields)
        seen = []
        for index, person in enumerate(people):
            received = {}
            while len(received) < 200:
                message, payload = person.expect(
                    lambda m: isinstance(m, Appended) or getattr(m, "payload", 0)
                )
                if isinstance(message, Appended):
                    # Unless the entry was in a record with those of others, this is its place.
                    assert received.setdefault(message.seq) is None
                else:
                    assert message.seq not in received
                    is_own = message.account == person.account
                    received[message.seq] = None if is_own else payload
            assert list(received) == sorted(received)
            mine = [seq for seq, payload in received.items() if payload is None]
            for number, seq in enumerate(mine):
                received[seq] = f"{index}.{number}".encode()
            seen.append(received)
        assert seen[0] == seen[1] == seen[2] == seen[3]

    def test_names_are_unique(self, two, clients):
        clients(two[0].link, "alice")
        reply = clients(two[1].link).register("Alice")
        assert isinstance(reply, Error)
        assert reply.code == "nick_taken"

    def test_presence_is_that_of_all_nodes(self, two, clients):
        alice = clients(two[0].link, "alice")
        bob = clients(two[1].link, "bob")
        alice.expect(change("bob", "joined"))
        for client in (alice, bob):
            await_names(client, "alice", "bob")
        bob.ask(ask.SetStatus, status="away")
        alice.expect(change("bob", "status"))
        bob.say(ask.Quit)
        alice.expect(change("bob", "quit"))
        await_names(alice, "alice")

    def test_later_node_knows_who_is_there(self, nodes, clients):
        one = nodes()
        clients(one.link, "alice")
        bob = clients(nodes().link, "bob")
        await_names(bob, "alice", "bob")

    def test_newer_login_takes_over_at_another_node(self, two, clients):
        alice = clients(two[0].link, "alice")
        newer = clients(two[1].link, keys=alice.keys)
        newer.login("alice")
        with pytest.raises(EOFError):
            alice.expect(lambda _: False)
        assert any(isinstance(message, Superseded) for message, _ in alice.inbox)
        await_names(newer, "alice")

    def test_two_meet(self, two, clients):
        alice, bob = clients(two[0].link, "alice"), clients(two[1].link, "bob")
        alice.expect(change("bob", "joined"))
        opened = alice.ask(ask.OpenDm, nick="bob").conversation
        added = bob.expect(is_a(Added))[0].conversation
        assert (added.id, added.name) == (opened.id, "alice")
        bob.incarnations[added.id] = added.incarnation
        bob.subscribe(added.id, 0)
        sent = alice.append(opened.id, b"psst", head=0)
        assert sent.recipient.connected
        assert texts(bob, 1) == [b"psst"]

    def test_who_is_added_is_told(self, two, clients):
        alice, bob = clients(two[0].link, "alice"), clients(two[1].link, "bob")
        group = alice.ask(
            ask.CreateGroup,
            name="crew",
            members=("bob",),
            message_id=bytes(16),
        ).conversation
        alice.commit(group.id, (bob.account,))
        assert bob.expect(is_a(Added))[0].conversation.name == "crew"

    def test_turns_are_taken_one_after_the_other(self, two, clients):
        alice, bob = clients(two[0].link, "alice"), clients(two[1].link, "bob")
        room = alice.room()
        bob.room()
        head = alice.ask(ask.TakeTurn, conversation=room, purpose=Purpose.COMMIT).head
        asked = bob.say(ask.TakeTurn, conversation=room, purpose=Purpose.COMMIT)
        bob.ask(ask.ListNames)  # it is answered after the first attempt to have the turn
        assert not any(isinstance(message, Turn) for message, _ in bob.inbox)
        done = alice.ask(
            ask.Commit, b"info", conversation=room, message=0, head=head, message_id=bytes(16)
        )
        turn = bob.expect(lambda m: isinstance(m, Turn) and m.id == asked)[0]
        assert turn.head == done.seq

    def test_operator_speaks_to_everyone(self, two, clients):
        alice, bob = clients(two[0].link, "alice"), clients(two[1].link, "bob")
        assert two[0].command("announce", "tea").returncode == 0
        for client in (alice, bob):
            assert client.expect(is_a(Announcement))[0].text == "tea"
        assert "bob\tmember\tnormal\tconnected" in two[0].command("users").stdout

    def test_another_key_is_refused(self, start_server, redis_url):
        start_server("--store", redis_url)
        with pytest.raises(AssertionError, match="Copy the file 'server/key'"):
            start_server("--store", redis_url)


class TestNodeIsKilled:
    def test_nothing_is_lost_and_clients_move(self, two, clients):
        alice, bob = clients(two[0].link, "alice"), clients(two[1].link, "bob")
        room = alice.room()
        bob.room()
        head = alice.head(room)
        acknowledged = [alice.append(room, b"%d" % n, head=head).seq for n in range(20)]
        two[0].kill()
        again = clients(two[1].link, keys=alice.keys)
        assert again.login("alice").nick == "alice"
        again.incarnations = alice.incarnations
        assert again.subscribe(room, head).head >= acknowledged[-1]
        assert texts(again, 20) == texts(bob, 20) == [b"%d" % n for n in range(20)]

    def test_its_people_are_lost(self, two, clients):
        clients(two[0].link, "alice")
        bob = clients(two[1].link, "bob")
        await_names(bob, "alice", "bob")
        two[0].kill()
        bob.expect(change("alice", "lost"))
        assert bob.ask(ask.ListNames).names == ("bob",)


class TestRedisIsKilled:
    @pytest.fixture
    def redis_url(self, own_redis):
        return own_redis.url

    def test_senders_wait(self, two, clients, own_redis):
        alice, bob = clients(two[0].link, "alice"), clients(two[1].link, "bob")
        room = alice.room()
        bob.room()
        head = alice.head(room)
        alice.append(room, b"before", head=head)
        own_redis.stop()
        fields = {"conversation": room, "head": head, "message_id": bytes(16)}
        number = alice.say(ask.Append, b"meanwhile", **fields)
        own_redis.start()
        reply = alice.expect(lambda m: getattr(m, "id", None) == number)[0]
        assert isinstance(reply, Appended)
        assert bob.append(room, b"after", head=head).seq == reply.seq + 1
        assert texts(bob, 2) == [b"before", b"meanwhile"]


def is_listening(server):
    try:
        socket.create_connection((server.host, server.port)).close()
    except ConnectionRefusedError:
        return False
    return True


class TestWorkers:
    @pytest.fixture
    def server(self, start_server, redis_url):
        server = start_server("--store", redis_url, "--workers", "2")
        yield server
        if server.process.poll() is None:
            server.stop()

    def workers(self, server):
        """The two processes that serve, but not their parent."""
        path = Path(f"/proc/{server.pid}/task/{server.pid}/children")
        with gevent.Timeout(PATIENCE):
            while len(children := path.read_text(encoding="ascii").split()) < 2:
                gevent.sleep(0.05)
        return {int(pid) for pid in children}

    def test_are_one_server(self, server, clients):
        people = [clients(server.link, f"user{index}x") for index in range(8)]
        await_names(people[0], *(f"user{index}x" for index in range(8)))
        rooms = {person.room() for person in people}
        assert len(rooms) == 1
        head = people[0].head(*rooms)
        people[0].append(*rooms, b"to all", head=head)
        assert all(texts(person, 1) == [b"to all"] for person in people[1:])
        listed = {person.ask(ask.ListRooms).rooms for person in people}
        assert listed == {(ListedRoom("lobby"),)}
        assert len(self.workers(server)) == 2
        assert server.command("announce", "tea").returncode == 0
        assert all(person.expect(is_a(Announcement)) for person in people)
        assert server.stop() == 0

    def test_one_that_dies_is_started_again(self, server, clients, check_service):
        before = self.workers(server)
        killed, other = sorted(before)
        os.kill(killed, signal.SIGKILL)
        with gevent.Timeout(PATIENCE):
            while killed in (now := self.workers(server)):
                gevent.sleep(0.05)
        assert other in now
        # The other one may have been about to listen itself.
        with gevent.Timeout(PATIENCE):
            while not is_listening(server):
                gevent.sleep(0.05)
        check_service(server)

    def test_end_with_their_parent(self, server):
        workers = self.workers(server)
        server.kill()
        with gevent.Timeout(PATIENCE):
            while any(Path(f"/proc/{pid}/exe").exists() for pid in workers):
                gevent.sleep(0.05)

    def test_need_a_store_to_share(self, start_server):
        with pytest.raises(AssertionError, match="--store"):
            start_server("--workers", "2")


class TestRedisCluster:
    @pytest.fixture
    def redis_url(self, tmp_path):
        require()
        cluster = RedisCluster(tmp_path)
        yield cluster.url
        cluster.stop()

    def test_several_masters_are_one_store(self, two, clients):
        alice, bob = clients(two[0].link, "alice"), clients(two[1].link, "bob")
        await_names(alice, "alice", "bob")
        for name in ("one", "two", "three", "four", "five"):
            room = alice.room(name)
            assert bob.room(name) == room
            head = alice.head(room)
            alice.append(room, b"from a", head=head)
            bob.append(room, b"from b", head=head)
            assert texts(bob, 1) == [b"from a"]
            assert texts(alice, 1) == [b"from b"]
        again = clients(two[1].link, keys=alice.keys)
        assert len(again.login("alice").conversations) == 5
