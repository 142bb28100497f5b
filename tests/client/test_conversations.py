import pytest
from tests.client.scripted import BOB, FRIENDS, LOBBY, Scripted, ready

from geventim.chat import replies, requests
from geventim.chat.replies import ConversationInfo
from geventim.chat.values import Kind
from geventim.client.agent import Phase
from geventim.client.events import Connected, Error
from geventim.errors import PeerError


def texts(scripted):
    return [event.message for event in scripted.events()]


def subscribed(scripted):
    """What was asked for on coming in, and after which entry."""
    scripted.agent.connected()
    scripted.answer(
        replies.LoggedIn, nick="alice", status="normal", conversations=(FRIENDS, BOB, LOBBY)
    )
    return {
        request.conversation: request.after
        for request, _ in scripted.asked()
        if isinstance(request, requests.Subscribe)
    }


def test_every_conversation_of_the_account_is_subscribed_to():
    scripted = Scripted()
    assert set(subscribed(scripted)) == {FRIENDS.id, BOB.id, LOBBY.id}
    while scripted.open:
        assert scripted.agent.phase is Phase.ENTERING
        assert scripted.events() == []
        if isinstance(scripted.open[0][0], requests.OpenRoom):
            scripted.answer(replies.Opened, conversation=LOBBY)
        else:
            scripted.answer(replies.Subscribed, after=0, head=0)
    assert scripted.events() == [Connected("alice", "127.0.0.1:5555", "lobby")]


def test_each_entry_is_shown_once_and_in_order():
    scripted = ready()
    scripted.message(1, "one")
    scripted.message(2, "two")
    scripted.message(1, "one")
    scripted.message(2, "two")
    scripted.message(3, "three")
    assert texts(scripted) == ["one", "two", "three"]


def test_a_gap_is_the_servers_fault_and_shows_nothing():
    scripted = ready()
    scripted.message(1, "one")
    with pytest.raises(PeerError):
        scripted.message(3, "three")
    assert texts(scripted) == ["one"]


def test_after_a_gap_the_next_connection_goes_on_where_it_was():
    scripted = ready()
    scripted.message(1, "one")
    with pytest.raises(PeerError):
        scripted.message(3, "three")
    scripted.agent.disconnected()
    assert subscribed(scripted)[LOBBY.id] == 1


def test_what_was_read_outlives_the_process():
    scripted = ready()
    scripted.message(1, "one")
    scripted.message(2, "two")
    kept = {name: value for name, value in scripted.agent.take_changes().items() if value}
    assert subscribed(Scripted(kept))[LOBBY.id] == 2


def test_a_newcomer_begins_at_its_join():
    scripted = Scripted()
    scripted.agent.connected()
    scripted.answer(replies.LoggedIn, nick="alice", status="normal")
    scripted.answer(
        replies.Opened, conversation=ConversationInfo(LOBBY.id, Kind.ROOM, "lobby", since=7, head=7)
    )
    assert scripted.expect(requests.Subscribe).after == 7


def test_who_joins_again_begins_there():
    kept = {"cursor/" + LOBBY.id.hex(): (3).to_bytes(8, "big")}
    scripted = Scripted(kept)
    scripted.agent.connected()
    again = ConversationInfo(LOBBY.id, Kind.ROOM, "lobby", since=9, head=9)
    scripted.answer(replies.LoggedIn, nick="alice", status="normal", conversations=(again,))
    (subscription,) = (
        request for request, _ in scripted.asked() if isinstance(request, requests.Subscribe)
    )
    assert subscription.after == 9


def test_a_conversation_that_begins_is_followed():
    scripted = ready()
    scripted.tell(replies.Added(conversation=FRIENDS))
    assert scripted.expect(requests.Subscribe).conversation == FRIENDS.id
    scripted.tell(replies.Added(conversation=FRIENDS))
    assert scripted.asked() == []


def test_an_entry_of_an_unknown_conversation_is_the_servers_fault():
    with pytest.raises(PeerError):
        ready().message(1, "hi", conversation=FRIENDS)


def test_a_conversation_with_a_forged_name_is_the_servers_fault():
    with pytest.raises(PeerError):
        ready().tell(replies.Added(conversation=ConversationInfo(b"x" * 16, Kind.DM, "[Server]")))


def test_a_conversation_that_cannot_be_read_any_more_is_left_out():
    scripted = ready()
    scripted.tell(replies.Added(conversation=FRIENDS))
    scripted.refuse("not_a_member", "You are not a member of that conversation.")
    scripted.message(1, "still here")
    assert texts(scripted) == ["still here"]


def test_another_refusal_means_to_try_again():
    scripted = ready()
    scripted.tell(replies.Added(conversation=FRIENDS))
    with pytest.raises(PeerError):
        scripted.refuse("storage_failed", "The disk is full.")


def test_a_log_that_became_shorter_is_told_and_read_from_its_end():
    scripted = Scripted({"cursor/" + LOBBY.id.hex(): (9).to_bytes(8, "big")})
    scripted.agent.connected()
    scripted.answer(replies.LoggedIn, nick="alice", status="normal")
    scripted.answer(replies.Opened, conversation=LOBBY)
    scripted.answer(replies.Subscribed, after=4, head=4)
    lost, _ = scripted.events()
    assert isinstance(lost, Error)
    assert lost.code == "history_lost"
    scripted.message(5, "five")
    assert texts(scripted) == ["five"]


def append(scripted, text, seq):
    scripted.type(text)
    scripted.answer(replies.Appended, seq=seq, time=0.0)


def test_own_entries_are_never_shown_whichever_way_they_come():
    scripted = ready()
    append(scripted, "acknowledged first", 1)
    scripted.message(1, "acknowledged first", author="alice")
    scripted.message(2, "from another session", author="alice")
    scripted.type("delivered first")
    scripted.message(3, "delivered first", author="alice")
    scripted.answer(replies.Appended, seq=3, time=0.0)
    scripted.message(4, "bob's")
    assert [
        event.message for event in scripted.events() if event.__class__.__name__ == "Message"
    ] == ["bob's"]


def test_an_acknowledgement_does_not_skip_what_is_still_to_come():
    scripted = ready()
    append(scripted, "mine", 3)
    scripted.events()
    scripted.message(1, "one")
    scripted.message(2, "two")
    scripted.message(3, "mine", author="alice")
    scripted.message(4, "four")
    assert texts(scripted) == ["one", "two", "four"]
