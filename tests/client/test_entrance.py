import pytest

from geventim.chat import replies, requests
from geventim.chat.replies import ConversationInfo
from geventim.chat.values import Kind, Status, claim
from geventim.client.agent import Phase
from geventim.client.events import Connected
from geventim.crypto.signature import verify
from geventim.errors import PeerError
from tests.client.scripted import LOBBY, SERVER_KEY, Scripted, make_profile


@pytest.fixture
def newcomer():
    scripted = Scripted(profile=make_profile(code="letmein"))
    scripted.agent.connected()
    return scripted


def test_a_known_account_logs_in_opens_the_room_and_subscribes(newcomer):
    assert newcomer.expect(requests.Login).nick == "alice"
    newcomer.answer(replies.LoggedIn, nick="alice", status="away")
    assert newcomer.expect(requests.OpenRoom).name == "lobby"
    newcomer.answer(replies.Opened, conversation=LOBBY)
    assert newcomer.expect(requests.Subscribe).conversation == LOBBY.id
    assert newcomer.events() == []
    newcomer.answer(replies.Subscribed, after=0, head=0)
    assert newcomer.events() == [Connected("alice", "127.0.0.1:5555", "lobby")]
    assert newcomer.agent.phase is Phase.READY


def test_a_free_nick_is_claimed(newcomer):
    newcomer.asked()
    newcomer.refuse("unknown_account", "Nobody has claimed it.")
    request = newcomer.expect(requests.Register)
    keys = make_profile().keys
    assert (request.nick, request.code) == ("alice", "letmein")
    assert request.identity == keys.identity.public
    verify(
        request.identity,
        claim(SERVER_KEY, "alice", request.identity, keys.channel.public),
        request.signature,
    )
    newcomer.answer(replies.LoggedIn, nick="alice", status="normal")
    newcomer.expect(requests.OpenRoom)


@pytest.mark.parametrize("code", ["nick_taken", "not_invited", "anything"])
def test_a_refused_login_is_the_end(newcomer, code):
    newcomer.asked()
    newcomer.refuse(code, "No.", "Go away.")
    reason = newcomer.agent.ended.reason
    assert (reason.code, str(reason)) == (code, "No. Go away.")
    assert newcomer.agent.phase is Phase.ENDED


def test_a_refused_registration_is_the_end(newcomer):
    newcomer.asked()
    newcomer.refuse("unknown_account", "Nobody.")
    newcomer.refuse("not_listed", "No.")
    assert newcomer.agent.ended.reason.code == "not_listed"


def test_a_full_room_is_the_end(newcomer):
    newcomer.answer(replies.LoggedIn, nick="alice", status="normal")
    newcomer.refuse("room_full", "Full.")
    assert newcomer.agent.ended.reason.code == "room_full"


def test_trouble_of_the_server_is_not_the_end(newcomer):
    with pytest.raises(PeerError):
        newcomer.refuse("storage_failed", "The disk is full.")
    newcomer.agent.disconnected()
    newcomer.agent.connected()
    newcomer.expect(requests.Login)


def test_the_server_cannot_log_us_in_as_somebody_else(newcomer):
    with pytest.raises(PeerError):
        newcomer.answer(replies.LoggedIn, nick="mallory", status="normal")


@pytest.mark.parametrize(
    "room",
    [
        ConversationInfo(b"L" * 16, Kind.GROUP, "lobby"),
        ConversationInfo(b"L" * 16, Kind.ROOM, "[Server]"),
        ConversationInfo(b"L" * 16, Kind.ROOM, "lob\nby"),
    ],
)
def test_a_room_must_be_one(newcomer, room):
    newcomer.answer(replies.LoggedIn, nick="alice", status="normal")
    with pytest.raises(PeerError):
        newcomer.answer(replies.Opened, conversation=room)


def test_the_status_is_known_from_the_login(newcomer):
    newcomer.answer(replies.LoggedIn, nick="alice", status=Status.DND)
    newcomer.answer_subscriptions()
    newcomer.type("@status")
    assert newcomer.events()[-1].text == "Your current status is 'dnd'."
