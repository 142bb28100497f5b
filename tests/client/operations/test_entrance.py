import pytest

from geventim.chat import requests
from geventim.chat.replies import LoggedIn, Opened
from geventim.chat.values import Kind, Status, claim
from geventim.client.events import Connected, ConversationChanged, Members
from geventim.client.people.profile import Profile
from geventim.client.phases import Phase
from geventim.crypto.signature import verify
from tests.client.person import SERVER_KEY
from tests.client.world import World


def change(kind, **fields):
    """A server that answers with other values."""

    def tamper(message, payload):
        if isinstance(message, kind):
            message = type(message)(**{**_fields(message), **fields})
        yield message, payload

    return tamper


def _fields(message):
    return {name: getattr(message, name) for name in message.__struct_fields__}


def test_a_newcomer_claims_the_nick_and_founds_the_room(world, alice):
    login, register, *rest = (request for request, _ in alice.asked)
    assert (login.nick, register.nick) == ("alice", "alice")
    keys = alice.profile.keys
    claimed = claim(SERVER_KEY, "alice", keys.identity.public, keys.channel.public)
    verify(register.identity, claimed, register.signature)
    kinds = [type(request) for request in rest]
    uploads = [requests.UploadKeyPackages, requests.UploadKeyPackages]
    founding = [requests.TakeTurn, requests.Commit, requests.Subscribe]
    assert kinds == [*uploads, requests.OpenRoom, requests.CreateRoom, *founding]
    told = [each for each in alice.events if not isinstance(each, ConversationChanged)]
    assert told == [Connected("alice", "127.0.0.1:5555", "lobby")]


def test_the_next_one_joins_and_is_seen(world, alice, bob):
    assert bob.seen(Connected) == [Connected("bob", "127.0.0.1:5555", "lobby")]
    assert Members("lobby", ("bob",), (), "bob", (), alice.place("lobby")) in alice.seen(Members)
    world.check_agreement()


def test_a_known_account_logs_in(world, alice):
    alice.asked.clear()
    alice.drop()
    alice.connect()
    world.run()
    kinds = [type(request) for request, _ in alice.asked]
    assert kinds == [requests.Login, requests.Subscribe, requests.OpenRoom]
    assert len(alice.seen(Connected)) == 2


def test_connected_is_said_once_the_room_was_read(world, alice, bob):
    bob.drop()
    alice.say("one", "two")
    world.run()
    bob.news()
    bob.connect()
    world.run()
    assert [type(event).__name__ for event in bob.news()] == ["Message", "Message", "Connected"]


def test_the_status_is_that_of_before(world, alice):
    alice.say("@status away")
    world.run()
    alice.start()
    world.run()
    assert alice.agent.context.status is Status.AWAY


def test_a_nick_that_is_somebody_elses_ends_the_session(world, alice):
    thief = world.person("thief")
    profile = thief.profile
    thief.profile = Profile("alice", "lobby", profile.server, SERVER_KEY, profile.keys)
    thief.start()
    world.run()
    assert thief.agent.ended.reason.code == "nick_taken"
    assert thief.agent.phase is Phase.ENDED


def test_a_room_that_is_full_ends_the_session():
    world = World(room_limit=1)
    _, bob = world.enter("alice", "bob")
    assert bob.agent.ended.reason.code == "room_full"


def test_the_storage_of_the_server_may_work_next_time(world, alice):
    alice.drop()
    alice.tamper = change(LoggedIn)
    world.journal.failing = True
    bob = world.person("bob")
    bob.connect()
    world.run()
    assert not bob.is_connected
    assert bob.agent.phase is Phase.OFFLINE
    world.journal.failing = False
    bob.connect()
    world.advance()
    assert bob.agent.phase is Phase.READY


@pytest.mark.parametrize("lie", [{"nick": "bob"}, {"nick": "Alice"}])
def test_being_logged_in_as_somebody_else_is_the_servers_fault(world, alice, lie):
    alice.drop()
    alice.tamper = change(LoggedIn, **lie)
    alice.connect()
    world.run()
    assert [nick for nick, _ in world.faults] == ["alice"]


def test_another_room_than_was_asked_for_is_the_servers_fault(world, alice):
    def lie(message, payload):
        if isinstance(message, Opened):
            info = message.conversation
            other = type(info)(info.id, Kind.ROOM, "den", info.incarnation)
            message = Opened(id=message.id, conversation=other)
        yield message, payload

    alice.drop()
    alice.tamper = lie
    alice.connect()
    world.run()
    assert [nick for nick, _ in world.faults] == ["alice"]
