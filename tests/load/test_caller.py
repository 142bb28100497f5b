import os

import gevent
import pytest
from msgspec.structs import replace

from geventim.chat.replies import Error, LoggedIn, Ok
from geventim.chat.requests import ListNames, Login
from geventim.client.people.profile import Keys
from geventim.client.steps.effects import RefusedError, ask
from geventim.errors import MisuseError, NetworkError, UserError
from geventim.load import arrival
from geventim.load.caller import Caller
from tests.greenlets import background_errors, deadline

__all__ = ["background_errors", "deadline"]


@pytest.fixture
def caller(hall):
    """Somebody who is connected."""
    made = Caller("alice", Keys.generate(os.urandom))
    made.connect(hall.link)
    yield made
    made.connection.abort()


def test_requests_are_numbered_and_waited_for(caller):
    assert not caller.is_waiting
    assert [caller.send(ListNames(id=0)) for _ in range(2)] == [1, 2]
    assert caller.is_waiting
    replies = []
    while len(replies) < 2:
        replies += [message for message, _ in caller.receive()]
    assert replies == [Ok(id=1), Ok(id=2)]
    assert not caller.is_waiting


def test_an_answer_is_the_reply_to_the_question(caller, hall):
    hall._reply = lambda request: Ok(id=3 - request.id)
    caller.send(ListNames(id=0))
    assert caller.ask(ListNames(id=0)) == (Ok(id=2), b"")
    assert not caller.is_waiting


def test_steps_are_taken_one_after_the_other(caller, hall):
    assert isinstance(caller.carry_out(arrival.register(caller.profile)), LoggedIn)
    assert hall.nicks == ["alice"]
    room = caller.carry_out(arrival.create("hall", os.urandom))
    assert caller.carry_out(arrival.join(room.id, caller.account, os.urandom)) == 1
    assert hall.admitted == [caller.account]


def test_what_the_server_refuses_is_raised(caller, hall):
    hall._reply = lambda request: Error(id=request.id, code="busy", text="Not now.")
    with pytest.raises(RefusedError, match=r"Not now\."):
        caller.carry_out(ask(Ok, ListNames(id=0)))


@pytest.mark.parametrize("announced", [True, False])
def test_signs_of_life_are_what_both_have_announced(caller, hall, announced):
    original = hall._reply

    def announce(request):
        return replace(original(request), life_signs=announced)

    hall._reply = announce
    caller.ask(Login(id=0, nick="alice", life_signs=True))
    assert caller.signs_life == announced
    caller.connection.abort()
    caller.connect(hall.links[1])
    assert not caller.signs_life


def test_a_key_may_be_refused(hall):
    def refuse(server_key):
        assert server_key == hall.key.public
        raise UserError("untrusted_key", "Who is that?")

    caller = Caller("alice", Keys.generate(os.urandom))
    with pytest.raises(UserError, match="Who is that"):
        caller.connect(hall.link, check=refuse)


def test_a_server_that_ends_well_is_heard_to_the_end(caller, hall):
    caller.send(ListNames(id=0))
    hall._reply = lambda request: gevent.spawn(hall.guests[0].close) and Ok(id=request.id)
    assert caller.receive() == [(Ok(id=1), b"")]
    assert caller.receive() is None
    assert caller.receive() is None
    with pytest.raises(NetworkError, match="ended the connection"):
        caller.ask(ListNames(id=0))


def test_there_is_no_profile_before_the_server_is_known():
    with pytest.raises(MisuseError):
        _ = Caller("alice", Keys.generate(os.urandom)).profile
