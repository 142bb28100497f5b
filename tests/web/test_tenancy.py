"""Staying attached while clients come and go."""

import gevent
import pytest

from geventim.app.front import Front
from geventim.client.answers import Answer
from geventim.client.wishes import People, Say
from geventim.errors import StoreError
from geventim.web.tenancy import Tenancy
from tests.greenlets import until


def say(number):
    return Say(id=number, to="lobby", text=str(number))


def texts(client):
    return [wish.text for wish in client.wished(Say)]


@pytest.fixture
def front():
    return Front(0)


@pytest.fixture
def live(front):
    """Begins a tenancy."""
    tenancies = []
    returns = []

    def live(attach, **more):
        tenancy = Tenancy(attach, front, lambda: returns.append(True), **more)
        tenancy.returns = returns
        tenancies.append(tenancy)
        return tenancy

    yield live
    for tenancy in tenancies:
        tenancy.close()
    gevent.sleep(0)


def test_what_is_wished_is_granted_in_order_and_answered(live, front, client):
    tenancy = live(client.attach)
    assert all(tenancy.grant(say(number), 1.0) for number in range(20))
    until(lambda: len(client.granted) == 20)
    assert texts(client) == [str(number) for number in range(20)]
    answers = []
    while len(answers) < 20:
        answers += [note.item.answer for note in front.take() if isinstance(note.item, Answer)]
    assert answers == list(range(20))
    assert tenancy.returns == []


def test_it_waits_for_a_client_that_is_not_there_yet(live, front, start_client):
    here = []

    def attach(front):
        if not here:
            here.append(None)
            raise StoreError("the pins cannot be read")
        return here[-1].attach(front) if here[-1] else None

    tenancy = live(attach, retry=0.001)
    assert tenancy.grant(say(1), 1.0)
    here.append(start_client())
    until(lambda: texts(here[-1]) == ["1"])


def test_when_there_is_no_room_nothing_is_taken(live):
    tenancy = live(lambda _: None, waiting=2)
    assert [tenancy.grant(say(number), 0.01) for number in range(5)].count(True) in {2, 3}


def test_the_next_client_has_what_the_last_one_has_not_taken(live, front, start_client):
    first = start_client()
    tenancy = live(first.attach)
    first.hold = True
    tenancy.grant(say(1), 1.0)
    until(lambda: first.granted)
    # Nobody knows whether it is done.
    first.close()
    second = start_client("next")
    until(lambda: tenancy.returns)
    assert tenancy.grant(People(id=2), 1.0)
    until(lambda: second.granted)
    assert texts(second) == []
    told = []
    while len(told) < 2:
        told += [note.item for note in front.take() if isinstance(note.item, Answer)]
    assert (told[0].answer, told[0].refused.code) == (1, "interrupted")
    assert told[1].answer == 2


def test_the_last_wishes_are_granted_when_it_is_over(live, client):
    tenancy = live(client.attach)
    tenancy.grant(say(1), 1.0)
    until(lambda: client.granted)
    tenancy.close([say(2)])
    until(lambda: texts(client) == ["1", "2"])
    until(lambda: not client.hub.fronts)


def test_who_takes_nobody_is_not_asked_all_the_time(live, start_client):
    client = start_client(most=0)
    tried = []

    def attach(front):
        tried.append(True)
        return client.attach(front)

    live(attach, retry=1_000.0)
    for _ in range(300):
        gevent.sleep(0.0001)
    assert tried == [True]
