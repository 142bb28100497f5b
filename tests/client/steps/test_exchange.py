import pytest

from geventim.chat import codec
from geventim.chat.replies import Error, Found, NameList, Ok, Subscribed, Turn
from geventim.chat.requests import Append, ListNames, LookUp, Subscribe, TakeTurn
from geventim.chat.values import Purpose
from geventim.client.steps.effects import Ask
from geventim.client.steps.exchange import NEW, TOGETHER, Exchange
from geventim.errors import PeerError


class Clock:
    time = 0.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def exchange(clock):
    return Exchange(clock, print)


def asked(exchange):
    """The numbers and texts of the requests that leave."""
    frames = b"".join(exchange.take_frames())
    return [
        (request.id, getattr(request, "nick", "")) for request, _ in codec.requests.decode(frames)
    ]


def test_requests_are_numbered_and_keep_their_payload(exchange):
    exchange.send(Ask(ListNames(id=0), NameList), print)
    append = Append(id=0, conversation=b"c" * 16, message_id=b"m" * 16, payload=2)
    exchange.send(Ask(append, Ok, b"hi"), print)
    (first, _), (second, payload) = codec.requests.decode(b"".join(exchange.take_frames()))
    assert (first.id, second.id, payload) == (1, 2, b"hi")
    assert exchange.take_frames() == []


def test_each_reply_finds_its_owner(exchange):
    got = []
    for name in "ab":
        exchange.send(
            Ask(ListNames(id=0), NameList),
            lambda reply, payload, name=name: got.append((name, reply, payload)),
        )
    second, first = NameList(id=2, names=()), Error(id=1, code="c", text="t")
    exchange.receive(second, b"two")
    exchange.receive(first)
    assert got == [("b", second, b"two"), ("a", first, b"")]


def test_a_reply_nobody_waits_for_is_the_peers_fault(exchange):
    with pytest.raises(PeerError):
        exchange.receive(Ok(id=1))


def test_a_reply_that_does_not_fit_is_the_peers_fault_and_the_request_stands(exchange):
    got = []
    exchange.send(Ask(ListNames(id=0), NameList), lambda reply, payload: got.append(reply))
    with pytest.raises(PeerError):
        exchange.receive(Ok(id=1))
    assert got == []
    exchange.receive(NameList(id=1, names=()))
    assert got == [NameList(id=1, names=())]


def test_a_reply_comes_once(exchange):
    exchange.send(Ask(ListNames(id=0), NameList), lambda reply, payload: None)
    exchange.receive(NameList(id=1, names=()))
    with pytest.raises(PeerError):
        exchange.receive(NameList(id=1, names=()))


def test_a_lost_connection_takes_everything_along(exchange):
    exchange.send(Ask(ListNames(id=0), NameList), print)
    exchange.reset()
    assert exchange.take_frames() == []
    with pytest.raises(PeerError):
        exchange.receive(NameList(id=1, names=()))
    exchange.send(Ask(ListNames(id=0), NameList), print)
    ((request, _),) = codec.requests.decode(b"".join(exchange.take_frames()))
    assert request.id == 2


def test_what_the_server_was_too_busy_for_is_asked_again_before_what_came_later(exchange, clock):
    got = []
    for nick in ("bob", "carol"):
        exchange.send(Ask(LookUp(id=0, nick=nick), Found), lambda reply, _: got.append(reply))
    assert asked(exchange) == [(1, "bob"), (2, "carol")]
    exchange.receive(Error(id=1, code="busy", text="t", wait=1.5))
    exchange.receive(Error(id=2, code="busy", text="t", wait=1.4))
    exchange.send(Ask(LookUp(id=0, nick="dave"), Found), print)
    exchange.send(Ask(ListNames(id=0), NameList), print)
    assert asked(exchange) == [(3, "")]
    assert exchange.wake_at == 1.5
    clock.time = 1.4
    exchange.poll()
    assert asked(exchange) == []
    clock.time = 1.5
    exchange.poll()
    assert asked(exchange) == [(4, "bob"), (5, "carol"), (6, "dave")]
    assert exchange.wake_at is None
    exchange.receive(Error(id=4, code="user_not_found", text="t"))
    assert [reply.code for reply in got] == ["user_not_found"]


def test_a_lost_connection_takes_along_what_waits(exchange, clock):
    exchange.send(Ask(ListNames(id=0), NameList), print)
    exchange.receive(Error(id=1, code="busy", text="t", wait=1.0))
    exchange.reset()
    clock.time = 2.0
    exchange.poll()
    assert exchange.wake_at is None
    assert asked(exchange) == []


def test_a_reply_is_awaited_but_for_one_that_others_decide_about(exchange):
    turn = TakeTurn(id=0, conversation=b"c" * 16, purpose=Purpose.COMMIT)
    exchange.send(Ask(turn, Turn), print)
    assert not exchange.is_awaited
    exchange.send(Ask(ListNames(id=0), NameList), print)
    assert exchange.is_awaited
    exchange.receive(NameList(id=2, names=()))
    assert not exchange.is_awaited


def subscribe(exchange, *conversations, after=1):
    for number in conversations:
        request = Subscribe(
            id=0, conversation=number.to_bytes(16, "big"), incarnation=bytes(16), after=after
        )
        exchange.send(Ask(request, Subscribed), lambda *_: None)


def subscriptions(exchange):
    """The conversations and numbers of those that leave."""
    frames = b"".join(exchange.take_frames())
    return {
        int.from_bytes(request.conversation, "big"): request.id
        for request, _ in codec.requests.decode(frames)
        if isinstance(request, Subscribe)
    }


def test_what_else_is_asked_does_not_wait_behind_all_subscriptions(exchange):
    subscribe(exchange, *range(100))
    exchange.send(Ask(ListNames(id=0), NameList), print)
    frames = exchange.take_frames()
    assert len(frames) == TOGETHER + 1
    exchange.receive(Subscribed(id=1, head=0, after=0, hash=bytes(32)))
    exchange.receive(Error(id=2, code="c", text="t"))
    assert list(subscriptions(exchange)) == [TOGETHER, TOGETHER + 1]
    exchange.reset()
    subscribe(exchange, 7)
    assert list(subscriptions(exchange)) == [7]


def test_what_is_known_does_not_wait_behind_what_is_new(exchange):
    subscribe(exchange, *range(10), after=0)
    subscribe(exchange, 20, 21)
    assert list(subscriptions(exchange)) == [*range(NEW), 20, 21]
    exchange.receive(Subscribed(id=NEW + 1, head=0, after=0, hash=bytes(32)))
    assert subscriptions(exchange) == {}
    exchange.receive(Subscribed(id=1, head=0, after=0, hash=bytes(32)))
    assert list(subscriptions(exchange)) == [NEW]


def test_no_more_subscriptions_leave_while_the_server_is_too_busy_for_them(exchange, clock):
    subscribe(exchange, *range(TOGETHER + 2))
    exchange.take_frames()
    for number in range(1, TOGETHER + 1):
        exchange.receive(Error(id=number, code="busy", text="t", wait=1.0))
    assert subscriptions(exchange) == {}
    clock.time = 1.0
    exchange.poll()
    assert len(subscriptions(exchange)) == TOGETHER
