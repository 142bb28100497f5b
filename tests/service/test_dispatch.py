"""From bytes to an answer: each request gets exactly one, and what is none ends the connection."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.replies import Announcement, Appended, Error, NameList, Ok
from geventim.chat.values import Purpose, Status
from geventim.errors import PeerError
from geventim.service import dispatch
from geventim.wire.frames import prefix
from tests.service.doubles import World, fresh_id
from tests.service.identities import person, registration
from tests.service.specimens import REQUESTS


def receive(client, *parts):
    client.world.service.receive(client.session, b"".join(parts))


def json_frame(**fields):
    return prefix(json.dumps(fields).encode())


class TestOrder:
    @pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
    def test_first_comes_the_login(self, world, request_):
        client = world.client()
        client.say(request_)
        assert client.received[0][0].code == "not_logged_in"
        assert len(client.received) == 1
        assert not client.closed

    @pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
    def test_every_request_is_answered_once(self, world, request_):
        client = world.enter("alice")
        client.received.clear()
        client.say(request_)
        assert len(client.replies(1)) == 1

    def test_who_does_not_log_in_is_not_answered_for_ever(self, world):
        client = world.client()
        for _ in range(limits.ATTEMPTS):
            assert client.ask(ask.ListNames).code == "not_logged_in"
        with pytest.raises(PeerError):
            client.say(ask.ListNames(id=99))
        assert not client.replies(99)

    def test_nobody_logs_in_twice(self, world):
        client = world.enter("alice")
        for fields in (registration("alice"), registration("alice", "bob")):
            assert client.ask(ask.Register, **fields).code == "already_logged_in"
        assert client.ask(ask.Login, nick="alice").code == "already_logged_in"
        assert client.session.account.nick == "alice"

    def test_requests_of_one_record_are_answered_in_their_order(self, world):
        client = world.enter("alice")
        room = client.room()
        client.received.clear()
        receive(
            client,
            encode(
                ask.Append(id=1, conversation=room, message_id=fresh_id(), head=1, payload=3),
                b"abc",
            ),
            encode(ask.ListNames(id=2)),
            json_frame(type="nonsense", id=3, payload=2),
            b"{}",
            encode(ask.Append(id=4, conversation=room, message_id=fresh_id(), head=1)),
            encode(ask.Quit(id=5)),
        )
        answers = [message for message, _ in client.received]
        assert [type(answer) for answer in answers] == [Appended, NameList, Error, Appended, Ok]
        assert [answer.id for answer in answers] == [1, 2, 3, 4, 5]
        assert client.closed


class TestPauses:
    def test_others_have_their_turn_between_the_requests_of_a_record(self, world):
        client = world.enter("alice")
        pauses = []
        client.pause = lambda seconds: pauses.append((seconds, len(client.received))) or True
        client.received.clear()
        receive(client, *(encode(ask.ListNames(id=number)) for number in range(3)))
        assert pauses == [(0.0, 0), (0.0, 1), (0.0, 2)]

    def test_who_has_not_logged_in_has_waited_already(self, world):
        client = world.client("alice")
        pauses = []
        client.pause = lambda seconds: pauses.append(seconds) or True
        client.ask(ask.Register, **registration("alice"))
        assert client.session.logged_in
        assert pauses == []

    def test_a_few_messages_are_one_turn(self, world):
        client = world.enter("alice")
        room = client.room()
        pauses = []
        client.pause = lambda seconds: pauses.append(world.last(room)) or True
        words = [
            encode(ask.Append(id=n, conversation=room, message_id=fresh_id(), head=1, payload=1))
            + b"x"
            for n in range(2 * dispatch.WORDS + 1)
        ]
        receive(client, *words, encode(ask.ListNames(id=99)), words[0])
        last = 2 + 2 * dispatch.WORDS
        assert pauses == [1 + dispatch.WORDS, 1 + 2 * dispatch.WORDS, last, last]

    def test_who_says_something_is_told_from_who_asks_for_anything_else(self, world):
        client = world.enter("alice")
        room = client.room()
        word, large = (
            encode(
                ask.Append(id=n, conversation=room, message_id=fresh_id(), head=1, payload=size),
                bytes(size),
            )
            for n, size in enumerate((1, limits.BULK))
        )
        talking = []
        for frame in (word, encode(ask.ListNames(id=7)), word, large):
            receive(client, frame)
            talking.append(client.talking)
        assert talking == [True, False, True, False]

    def test_listening_to_what_others_have_begun_is_no_more_than_saying_something(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        place = alice.ask(ask.OpenDm, nick="bob").conversation
        talking = []
        for after in (0, 0):
            asked = {"conversation": place.id, "incarnation": place.incarnation, "after": after}
            bob.ask(ask.Subscribe, **asked)
            talking.append(bob.talking)
        assert talking == [True, False]

    @pytest.mark.parametrize("purpose", Purpose)
    def test_who_gets_in_comes_as_soon_as_words_and_who_commits_does_not(self, world, purpose):
        client = world.enter("alice")
        room = client.room()
        receive(client, encode(ask.TakeTurn(id=1, conversation=room, purpose=purpose)))
        assert client.talking == (purpose in {Purpose.JOIN, Purpose.REENTER})
        receive(client, encode(ask.GiveUpTurn(id=2, conversation=room)))
        assert client.talking

    def test_who_has_begun_something_waits_for_others_once_it_is_on_disk(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        pauses = []
        alice.pause = lambda seconds: pauses.append(seconds) or True
        alice.ask(ask.OpenDm, nick="bob")
        assert pauses == [0.0, 0.0]
        alice.ask(ask.OpenDm, nick="bob")
        assert pauses == [0.0, 0.0, 0.0]
        assert bob.session.places

    def test_what_is_large_is_a_turn_by_itself(self, world):
        client = world.enter("alice")
        room = client.room()
        pauses = []
        client.pause = lambda seconds: pauses.append(world.last(room)) or True
        large = [
            encode(
                ask.Append(
                    id=n, conversation=room, message_id=fresh_id(), head=1, payload=limits.BULK
                ),
                bytes(limits.BULK),
            )
            for n in range(3)
        ]
        receive(client, *large)
        assert pauses == [1, 2, 3]

    def test_nothing_is_answered_on_a_connection_that_is_being_ended(self, world):
        client = world.enter("alice")
        room = client.room()
        client.pause = lambda seconds: False
        post = ask.Append(id=2, conversation=room, message_id=fresh_id(), head=1)
        receive(client, encode(ask.ListNames(id=1)), encode(post))
        assert client.replies(1) == client.replies(2) == []
        assert world.last(room) == 1

    def test_who_goes_on_when_told_to_wait_is_read_slowly(self, world):
        client = world.enter("alice")
        pauses = []
        client.pause = lambda seconds: pauses.append(seconds) or True
        for _ in range(7):
            client.ask(ask.SetStatus, status=Status.AWAY)
        assert [each for each in pauses if each] == [dispatch.HOLD] * 2


class TestNonsense:
    @pytest.mark.parametrize(
        "fields",
        [
            {"type": "fly"},
            {},
            {"type": "login"},
            {"type": "login", "nick": 7},
            {"type": "login", "nick": "x" * 129},
            {"type": "append", "conversation": "AAAA", "message_id": "AAAA"},
            {"type": "subscribe", "conversation": "A" * 22 + "==", "after": -1},
            {"type": "set-status", "status": "busy"},
        ],
    )
    @pytest.mark.parametrize("nick", [None, "alice"])
    def test_request_that_is_none_is_refused_by_its_number(self, world, fields, nick):
        client = world.enter(nick) if nick else world.client()
        client.received.clear()
        receive(client, json_frame(id=9, **fields))
        ((reply, _),) = client.received
        assert (reply.id, reply.code) == (9, "bad_request")
        assert not client.closed

    def test_unknown_fields_are_ignored(self, world):
        client = world.enter("alice")
        receive(client, json_frame(type="list-names", id=9, later="version"))
        assert isinstance(client.replies(9)[0], NameList)

    @pytest.mark.parametrize(
        "record",
        [
            b"\x00",
            b"\x00\x00\x00\x05{}",
            b"\xff\xff\xff\xff{}",
            prefix(b"[]"),
            prefix(b"not JSON"),
            prefix(b'{"type":"login","id":-1}'),
            prefix(b'{"type":"list-names"}'),
            prefix(b'{"type":"append","id":1,"payload":9}') + b"short",
            prefix(b"[" * 100_000),
            prefix(b'{"type":"\xff\xfe","id":1}'),
        ],
        ids=range(10),
    )
    def test_garbage_ends_the_connection(self, world, record):
        client = world.enter("alice")
        with pytest.raises(PeerError):
            receive(client, record)

    def test_what_came_before_the_garbage_counts(self, world):
        client = world.enter("alice")
        with pytest.raises(PeerError):
            receive(client, encode(ask.ListNames(id=1)), b"\x00")
        assert isinstance(client.replies(1)[0], NameList)

    @given(st.binary(max_size=200))
    def test_any_bytes_are_answered_or_end_the_connection(self, data):
        client = World().client()
        try:
            receive(client, data)
        except PeerError:
            return
        assert len(client.received) <= data.count(b"}")

    @given(
        st.sampled_from(REQUESTS),
        st.binary(max_size=4),
        st.integers(0, 200),
    )
    def test_damaged_requests_are_answered_or_end_the_connection(self, request_, damage, place):
        frame = encode(request_)
        place %= len(frame)
        client = World().client()
        try:
            receive(client, frame[:place] + damage + frame[place + len(damage) :])
        except PeerError:
            return
        assert len(client.received) <= 1


class TestRequests:
    def test_there_is_a_request_of_every_type(self):
        entrances = {ask.Login, ask.Register}
        assert {type(each) for each in REQUESTS} == set(get_args(ask.AnyRequest)) - entrances

    def test_people_are_looked_up(self, world):
        alice, _ = world.enter("alice"), world.enter("bob")
        assert alice.ask(ask.LookUp, nick="BOB").person == person("bob")
        assert alice.ask(ask.LookUp, nick="carol").code == "user_not_found"

    def test_status(self, world):
        client = world.enter("alice")
        assert isinstance(client.ask(ask.SetStatus, status=Status.DND), Ok)
        assert world.store.account_named("alice").status is Status.DND
        assert client.session.account.status is Status.DND

    def test_full_disk_while_changing_the_status(self, world):
        client = world.enter("alice")
        world.journal.failing = True
        assert client.ask(ask.SetStatus, status=Status.DND).code == "storage_failed"
        assert client.session.account.status is Status.NORMAL

    def test_quit_is_answered_and_ends(self, world):
        client = world.enter("alice")
        assert isinstance(client.ask(ask.Quit), Ok)
        assert client.closed
        assert world.service.connected.names() == ()

    def test_announcement_reaches_everyone_who_is_connected(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        stranger = world.client()
        world.service.announce("tea at four")
        for client in (alice, bob):
            assert client.events(Announcement) == [Announcement(text="tea at four")]
        assert stranger.received == []

    def test_end_lets_go_of_the_session(self, world):
        alice, bob = world.enter("alice"), world.enter("bob")
        room = alice.room()
        bob.room()
        bob.lazy = bob.congested = True
        alice.append(room)
        bob.lose()
        assert bob.session.places == {}
        assert not world.service.catch_up(bob.session)
        assert isinstance(alice.leave(room), Appended)
