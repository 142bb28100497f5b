"""Full members in this process, at a whole server in this process."""

from contextlib import contextmanager
from dataclasses import replace

import gevent
import pytest

from geventim.channel.connection import TruncationError
from geventim.chat.links import Link
from geventim.chat.names import is_name
from geventim.chat.values import Access
from geventim.client.measures import Measures
from geventim.client.steps.pulse import Rhythm
from geventim.errors import UserError
from geventim.load import member as member_module
from geventim.load.ledger import Ledger
from geventim.load.member import LEAST_TEXT, Member, nick_of
from geventim.load.room import Room
from geventim.load.target import Target
from geventim.server.clients.listener import Listener, bind
from tests.house import House

PATIENCE = 30
RUN = bytes(range(8))


FEW = Measures(stock=2)
"""Making keys is the slowest part of coming in."""


@pytest.fixture
def house():
    served = House()
    yield served
    served.close()


@contextmanager
def gathered(house, ledger, run=RUN, size=LEAST_TEXT, measures=FEW):
    """Members of one room, who listen."""
    target = Target(house.link, None, Room("hall"))
    members = [Member([target], run, size, tally, measures) for tally in ledger.tallies]
    for member in members:
        member.enter()
    members[0].found([member.account for member in members])
    assert all(member.subscribed for member in members)
    listening = [gevent.spawn(member.listen) for member in members]
    yield members
    for member, greenlet in zip(members, listening, strict=True):
        member.leave()
        greenlet.join(PATIENCE)
        assert greenlet.successful()


def await_true(condition):
    with gevent.Timeout(PATIENCE):
        while not condition():
            gevent.sleep(0.001)


@pytest.mark.parametrize("size", [LEAST_TEXT, 1000])
def test_what_one_seals_the_others_open(house, size):
    ledger = Ledger(3, mixed=True)
    with gathered(house, ledger, size=size) as members:
        members[0].send()
        members[2].send()
        await_true(lambda: ledger.settled)
    assert (ledger.acknowledged, ledger.expected, ledger.received) == (2, 4, 4)
    assert (ledger.lost(), ledger.duplicated, ledger.misordered, ledger.foreign) == (0, 0, 0, 0)


def test_a_member_that_waits_for_the_others_gives_signs_of_life(house):
    (tally,) = Ledger(1).tallies
    target, often = Target(house.link, None, Room("hall", bytes(16))), Rhythm(0.005, 0.05)
    member = Member([target], RUN, LEAST_TEXT, tally, FEW, often)
    member.enter()
    (session,) = house.service.connected
    assert session.outlet.connection.channel.signs_life
    heard = session.outlet.connection.heard
    await_true(lambda: session.outlet.connection.heard >= heard + 3)
    member.leave()
    member.listen()


def test_keys_that_are_renewed_between_messages_are_no_fault(house):
    ledger = Ledger(2, mixed=True)
    with gathered(house, ledger, measures=replace(FEW, renewal_count=5)) as members:
        for _ in range(12):
            members[0].send()
            await_true(lambda: ledger.settled)
    assert (ledger.received, ledger.lost(), ledger.foreign, ledger.misordered) == (12, 0, 0, 0)


def stay(member):
    """Listen until the connection has ended as it should; if it breaks, move."""
    while True:
        try:
            member.listen()
        except TruncationError:
            member.move()
        else:
            return


def test_who_is_cut_off_goes_on_at_the_next_address(house):
    other = bind("127.0.0.1", 0)
    second = Listener(other, house.service, house.journal, house.key, None, None)
    second.start()
    room = Room("hall")
    links = house.link, Link(*other.getsockname()[:2], house.key.public)
    ledger = Ledger(3, mixed=True)
    targets = [Target(link, None, room) for link in links]
    members = [Member(targets, RUN, LEAST_TEXT, tally, FEW) for tally in ledger.tallies]
    for member in members:
        member.enter()
    members[0].found([member.account for member in members])
    listening = [gevent.spawn(stay, member) for member in members]
    members[0].send()
    await_true(lambda: ledger.settled)
    for number in (0, 1):
        house.cut(nick_of(RUN, number))
        await_true(lambda moved=number: not members[moved].subscribed)
    for member in members:
        member.send()
        member.send()
    await_true(lambda: ledger.settled)
    assert (ledger.acknowledged, ledger.expected, ledger.received) == (7, 14, 14)
    assert (ledger.lost(), ledger.duplicated, ledger.misordered, ledger.foreign) == (0, 0, 0, 0)
    places = [member._connection._socket.getpeername()[1] for member in members]
    assert places == [links[1].port, links[1].port, links[0].port]
    for member, greenlet in zip(members, listening, strict=True):
        member.leave()
        greenlet.join(PATIENCE)
        assert greenlet.successful()
    second.stop()


def test_what_somebody_else_writes_is_foreign(house):
    ledger, others = Ledger(2, mixed=True), Ledger(1, mixed=True)
    with gathered(house, ledger), gathered(house, others, run=bytes(8)) as (stranger,):
        stranger.send()
        await_true(lambda: ledger.foreign == 2)
    assert ledger.received == 0


class Forger:
    """Writes what looks like what another member has written."""

    def __init__(self, marker):
        self._marker = marker

    def write(self, mark):
        return self._marker.write(replace(mark, sender=1))

    def read(self, payload):
        return self._marker.read(payload)


def test_a_mark_under_another_name_is_foreign(house):
    ledger = Ledger(2, mixed=True)
    with gathered(house, ledger) as members:
        members[0]._marker = Forger(members[0]._marker)
        members[0].send()
        await_true(lambda: ledger.foreign == 1)
    assert ledger.received == 0


def test_nicks_are_valid_and_differ():
    nicks = {nick_of(RUN, client) for client in range(member_module.MOST)}
    assert len(nicks) == member_module.MOST
    assert all(map(is_name, nicks))


def test_what_the_server_refuses_is_raised_in_its_words():
    house = House(Access.INVITE)
    target = Target(house.link, None, Room("hall"))
    with pytest.raises(UserError) as caught:
        Member([target], RUN, LEAST_TEXT, Ledger(1).tallies[0], FEW).enter()
    assert caught.value.code == "not_invited"
    house.close()


def test_a_server_that_hangs_up_is_out_of_reach(house):
    ledger = Ledger(1, mixed=True)
    target = Target(house.link, None, Room("hall"))
    member = Member([target], RUN, LEAST_TEXT, ledger.tallies[0], FEW)
    member.enter()
    house.cut(nick_of(RUN, 0))
    with pytest.raises(TruncationError):
        member.found([member.account, bytes(16)])
