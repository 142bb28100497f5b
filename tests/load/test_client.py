from dataclasses import replace

import gevent
import pytest

from geventim.channel.connection import TruncationError
from geventim.chat.names import is_name
from geventim.chat.replies import Error
from geventim.chat.requests import Subscribe
from geventim.errors import NetworkError, PeerError, UserError
from geventim.load.client import Client
from geventim.load.ledger import Ledger
from geventim.load.marks import Marker
from geventim.load.room import Room
from geventim.load.target import Target

PATIENCE = 20


@pytest.fixture
def meet(hall):
    """So many clients in one room, with the ledger that they fill."""
    entered = []

    def meet(count, **changes):
        ledger = Ledger(count)
        target = Target(hall.link, None, Room("room"))
        targets = [replace(target, **changes), replace(target, link=hall.links[1])]
        clients = [Client(targets, Marker(bytes(8), 100), tally) for tally in ledger.tallies]
        for client in clients:
            client.enter()
        clients[0].found([client.account for client in clients])
        for client in clients:
            entered.append((client, gevent.spawn(stay, client)))
            client.subscribe()
        with gevent.Timeout(PATIENCE):
            while not all(client.subscribed for client in clients):
                gevent.sleep(0.001)
        return ledger, clients

    yield meet
    for client, listening in entered:
        client.leave()
        listening.join(PATIENCE)
        assert listening.successful()


def stay(client):
    """Listen until the connection has ended as it should; if it breaks, move."""
    while True:
        try:
            client.listen()
        except TruncationError:
            client.move()
        else:
            return


def await_settled(ledger):
    with gevent.Timeout(PATIENCE):
        while not ledger.settled:
            gevent.sleep(0.001)


def await_subscriptions(hall, count):
    with gevent.Timeout(PATIENCE):
        while len(hall.subscriptions) < count:
            gevent.sleep(0.001)


def test_what_one_sends_the_others_receive(meet):
    ledger, clients = meet(3)
    clients[0].send()
    clients[1].send()
    await_settled(ledger)
    assert (ledger.acknowledged, ledger.expected, ledger.received) == (2, 4, 4)
    assert 0 < ledger.latencies.longest < PATIENCE


def test_nicks_are_valid_and_differ(meet, hall):
    meet(3)
    assert len(set(hall.nicks)) == 3
    assert all(map(is_name, hall.nicks))


def test_each_lets_itself_in(meet, hall):
    _, clients = meet(6)
    assert hall.commits == 6
    assert hall.admitted == [client.account for client in clients]


def test_a_commit_nobody_asked_for_is_foreign(meet, hall):
    ledger, clients = meet(2)
    hall.deliver = lambda to, seq, payload: [(seq - 1, b"commit"), (seq, payload)]
    clients[0].send()
    await_settled(ledger)
    assert ledger.foreign == 1


def test_who_leaves_says_so(hall):
    target = Target(hall.link, None, Room("room"))
    client = Client([target], Marker(bytes(8), 100), Ledger(1).tallies[0])
    client.enter()
    client.leave()
    with gevent.Timeout(PATIENCE):
        client.listen()
    assert hall.quits == 1


@pytest.mark.parametrize("is_ending", [False, True], ids=["silent", "gone"])
def test_who_leaves_need_not_hear_that_the_server_knows(hall, is_ending):
    target = Target(hall.link, None, Room("room"))
    client = Client([target], Marker(bytes(8), 100), Ledger(1).tallies[0])
    client.enter()
    hall._take = lambda guest, request, payload: guest.abort() if is_ending else None
    client.leave()
    with gevent.Timeout(PATIENCE):
        client.listen()
    hall.guests[0].abort()


def test_who_is_cut_off_learns_it(hall):
    target = Target(hall.link, None, Room("room"))
    client = Client([target], Marker(bytes(8), 100), Ledger(1).tallies[0])
    client.enter()
    hall.guests[0].abort()
    with gevent.Timeout(PATIENCE), pytest.raises(TruncationError):
        client.listen()


def test_a_refused_message_is_counted(meet, hall):
    ledger, clients = meet(2)
    hall.answer = lambda request, seq: Error(id=request.id, code="no", text="No.")
    clients[0].send()
    await_settled(ledger)
    assert (ledger.refused, ledger.acknowledged) == (1, 0)


def test_a_server_with_another_key_than_the_link_says_is_told_nothing(meet, hall):
    with pytest.raises(UserError) as caught:
        meet(1, link=replace(hall.link, server_key=bytes(32)))
    assert caught.value.code == "untrusted_key"
    assert hall.nicks == []


def test_a_server_of_unknown_key_is_accepted(meet, hall):
    ledger, _ = meet(2, link=replace(hall.link, server_key=None))
    assert ledger.settled


def test_what_the_server_refuses_is_raised_in_its_words(meet, hall):
    hall._reply = lambda request: Error(id=request.id, code="closed", text="The hall is closed.")
    with pytest.raises(UserError, match=r"The hall is closed\."):
        meet(1)


def test_a_reply_to_something_else_is_the_servers_fault(meet, hall):
    original = hall._reply
    hall._reply = lambda request: original(request.__class__.__mro__[1](id=request.id))
    with pytest.raises(PeerError):
        meet(1)


def test_a_server_that_hangs_up_is_out_of_reach(meet, hall):
    hall._take = lambda guest, request, payload: guest.close()
    with pytest.raises(NetworkError):
        meet(1)


def test_who_is_cut_off_goes_on_at_the_next_address(meet, hall):
    ledger, clients = meet(2)
    clients[0].send()
    await_settled(ledger)
    hall.guests[1].abort()
    await_subscriptions(hall, 3)
    assert hall.ports == [hall.links[0].port] * 2 + [hall.links[1].port]
    assert hall.subscriptions == [0, 0, 1]
    assert hall.nicks[2] == hall.nicks[1]
    clients[0].send()
    await_settled(ledger)
    assert (ledger.received, ledger.duplicated, ledger.misordered, ledger.lost()) == (2, 0, 0, 0)
    hall.guests[2].abort()
    await_subscriptions(hall, 4)
    assert hall.ports[3] == hall.links[0].port
    assert hall.subscriptions[3] == 2


def test_what_was_missed_meanwhile_comes_once(meet, hall):
    ledger, clients = meet(2)
    hall.deliver = lambda to, seq, payload: [] if to == 1 else [(seq, payload)]
    clients[0].send()
    clients[0].send()
    with gevent.Timeout(PATIENCE):
        while ledger.acknowledged < 2:
            gevent.sleep(0.001)
    assert ledger.received == 0
    hall.guests[1].abort()
    await_settled(ledger)
    assert (ledger.received, ledger.duplicated, ledger.misordered, ledger.foreign) == (2, 0, 0, 0)


def test_what_was_not_answered_is_sent_again(meet, hall):
    ledger, clients = meet(2)
    answer, hall.answer = hall.answer, lambda request, seq: None
    clients[0].send()
    with gevent.Timeout(PATIENCE):
        while clients[0].subscribed:
            gevent.sleep(0.001)
    hall.answer = answer
    clients[0].send()
    await_settled(ledger)
    assert (ledger.acknowledged, ledger.received, ledger.misordered) == (2, 2, 0)
    assert len({message_id for message_id, _ in hall.log}) == hall.head == 2


def test_what_is_in_the_log_already_is_not_there_twice(meet, hall):
    ledger, clients = meet(2)
    answer = hall.answer

    def break_off(request, seq):
        hall.answer = answer
        hall.guests[0].abort()
        return answer(request, seq)

    hall.answer = break_off
    clients[0].send()
    await_settled(ledger)
    await_subscriptions(hall, 3)
    clients[0].send()
    await_settled(ledger)
    assert hall.head == ledger.acknowledged == ledger.received == 2
    assert (ledger.duplicated, ledger.misordered, ledger.foreign) == (0, 0, 0)


def test_who_is_no_member_yet_asks_again(meet, hall):
    original, refusals = hall._reply, []

    def refuse_once(request):
        if isinstance(request, Subscribe) and not refusals:
            refusals.append(request)
            return Error(id=request.id, code="not_a_member", text="Who?")
        return original(request)

    hall._reply = refuse_once
    _, clients = meet(2)
    assert refusals
    assert all(client.subscribed for client in clients)


def test_address_where_nobody_is_is_left_again(meet, hall):
    _, clients = meet(1)
    hall.stop()
    for link in (hall.links[1], hall.links[0]):
        with pytest.raises(NetworkError, match=str(link.port)):
            clients[0].move()
