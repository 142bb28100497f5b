"""Redis with a replica that is waited for: what was acknowledged outlives the primary."""

import os

import gevent
import pytest
import redis

from geventim.chat import requests as ask
from geventim.chat.replies import Appended, EntryEvent, Error
from geventim.chat.values import EntryKind
from geventim.store.redis.layout import key
from tests.conftest import PATIENCE
from tests.faults.load_run import assert_faultless, run_load

MESSAGES = 800


@pytest.fixture
def redis_url(own_redis, own_replica):
    return own_redis.url + "?replicas=1"


@pytest.fixture
def fail_over(own_redis, own_replica):
    """The primary dies and its replica takes its place; the nodes are told, one by one."""

    def fail_over(*nodes):
        own_redis.stop()
        for node in nodes:
            node.kill()
        own_replica.promote()
        own_redis.follow(own_replica)
        for node in nodes:
            node.options = ("--store", own_replica.url + "?replicas=1")
            node.restart()

    return fail_over


@pytest.fixture
def two(nodes):
    return nodes(), nodes()


@pytest.fixture
def lobby(two, clients):
    """Two people in one room, at different nodes; the room, and the head that one builds on."""
    alice, bob = clients(two[0].link, "alice"), clients(two[1].link, "bob")
    room = alice.room()
    bob.room()
    return alice, bob, room, alice.head(room)


def message(room, head):
    return {"conversation": room, "head": head, "message_id": os.urandom(16)}


def reply_to(number):
    return lambda message: getattr(message, "id", None) == number


def await_written(process, room, seq):
    """Wait until the primary has the entry."""
    with gevent.Timeout(PATIENCE), redis.Redis(port=process.port) as client:
        while client.hget(key("end", room), "seq") != b"%d" % seq:
            gevent.sleep(0.005)


def assert_nothing_came(*people):
    for person in people:
        person.ask(ask.ListNames)
        said = [each for each, _ in person.inbox if isinstance(each, Appended | EntryEvent)]
        assert not [each for each in said if getattr(each, "kind", None) is not EntryKind.COMMIT]


class TestReplicaStandsStill:
    def test_everybody_waits(self, lobby, own_redis, own_replica):
        alice, bob, room, head = lobby
        own_replica.pause()
        number = alice.say(ask.Append, b"meanwhile", **message(room, head))
        await_written(own_redis, room, head + 1)
        assert_nothing_came(alice, bob)
        own_replica.resume()
        reply = alice.expect(reply_to(number))[0]
        assert isinstance(reply, Appended)
        assert [payload for _, payload in bob.entries(1)] == [b"meanwhile"]
        assert bob.append(room, b"after", head=head).seq == reply.seq + 1

    @pytest.mark.timeout(90)
    def test_who_is_told_at_last_may_try_again(self, lobby, own_replica):
        alice, bob, room, head = lobby
        words = message(room, head)
        own_replica.pause()
        refused = alice.ask(ask.Append, b"once", **words)
        assert isinstance(refused, Error)
        assert refused.code == "storage_failed"
        own_replica.resume()
        again = alice.ask(ask.Append, b"once", **words)
        assert isinstance(again, Appended)
        assert bob.append(room, b"after", head=head).seq == again.seq + 1
        assert [payload for _, payload in bob.entries(1)] == [b"once"]

    def test_node_does_not_start_without_one(self, nodes, own_replica):
        own_replica.stop()
        with pytest.raises(AssertionError, match="has 0 replicas, and 1 are wanted"):
            nodes()


class TestPrimaryIsLost:
    def test_what_was_acknowledged_is_there(self, two, lobby, clients, fail_over):
        alice, bob, room, head = lobby
        said = [b"%d" % number for number in range(20)]
        seqs = [alice.append(room, payload, head=head).seq for payload in said]
        assert [payload for _, payload in bob.entries(20)] == said
        fail_over(*two)
        again = clients(two[1].link, keys=alice.keys)
        assert again.login("alice").nick == "alice"
        again.incarnations = alice.incarnations
        assert again.subscribe(room, head).head == seqs[-1]
        assert [payload for _, payload in again.entries(20)] == said
        assert again.append(room, b"and on", head=head).seq == seqs[-1] + 1

    def test_what_nobody_was_told_is_lost(
        self, two, lobby, clients, own_redis, own_replica, fail_over
    ):
        alice, bob, room, head = lobby
        kept = alice.append(room, b"kept", head=head).seq
        bob.entries(1)
        own_replica.pause()
        with redis.Redis(port=own_redis.port) as client:
            client.client_kill_filter(_type="replica")
        alice.say(ask.Append, b"lost", **message(room, head))
        await_written(own_redis, room, kept + 1)
        assert_nothing_came(alice, bob)
        # Who has been away for long reads the log as it is, and is told when it is another one.
        carol = clients(two[1].link, keys=bob.keys)
        carol.login("bob")
        carol.incarnations = bob.incarnations
        carol.subscribe(room, head - 1)
        assert [payload for _, payload in carol.entries(2)] == [b"kept", b"lost"]
        own_redis.stop()
        own_replica.resume()
        fail_over(*two)
        again = clients(two[1].link, keys=bob.keys)
        again.login("bob")
        again.incarnations = bob.incarnations
        assert again.subscribe(room, kept + 1).code == "other_history"
        assert again.subscribe(room, kept).head == kept

    @pytest.mark.timeout(180)
    def test_under_load(self, two, fail_over):
        words = ["--clients", "20", "--senders", "10", "--rate", "100", "--duration", "8"]
        report = run_load(two, [(200, lambda: fail_over(*two))], *words)
        assert_faultless(report, MESSAGES)
        assert report["moved"] >= 20


class TestRedisCluster:
    @pytest.fixture
    def redis_url(self, cluster_pair):
        return cluster_pair[0].url + "?replicas=1"

    @pytest.mark.timeout(180)
    def test_nodes_go_on_at_the_new_primary(self, two, cluster_pair):
        primary, replica = cluster_pair

        def fail_over():
            primary.stop()
            replica.promote()
            primary.follow(replica)

        words = ["--clients", "20", "--senders", "10", "--rate", "100", "--duration", "8"]
        report = run_load(two, [(200, fail_over)], *words)
        assert_faultless(report, MESSAGES)
        assert all(node.process.poll() is None for node in two)
